// The identities of an account, as they are now: they follow the addresses that the directory gives it.
#pragma once

#include "service/jmapd/call.h"
#include "service/jmapd/identity_object.h"
#include "store/account_objects.h"

#include <map>

namespace tegami::jmapd {

struct Identities {
    store::Objects objects;
    std::map<store::ObjectId, Identity> all; ///< those that are there
};

/// Each address of the account has one that the server makes; those that the user made beside them stay as long as the user
/// may send as their address. What the directory has changed since the last look is written first. An address that comes
/// back has the settings that it had, as long as those that went are kept. Faults: of the method.
async::Awaitable<Result<Identities, jmap::Fault>> current_identities(Call* call);

/// Whether the user may send as this address. Faults: of the method.
async::Awaitable<Result<bool, jmap::Fault>> may_send_as(Call* call, message::EmailAddress address);

} // namespace tegami::jmapd
