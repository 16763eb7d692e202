// In whose name something is signed, and with which published key.
#pragma once

#include "message/domain.h"
#include "trust/dkim/key.h"

namespace tegami::dkim {

struct SigningKey {
    message::Domain domain;
    message::Domain selector; ///< a host name
    const PrivateKey* key;
};

} // namespace tegami::dkim
