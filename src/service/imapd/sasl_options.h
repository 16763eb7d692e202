// What AUTHENTICATE offers on a connection, in the present state of its TLS.
#pragma once

#include "protocol/sasl/server.h"
#include "service/imapd/session.h"

namespace tegami::imapd {

/// Nothing at all where passwords must not cross: a login without TLS would show all the mail after it.
sasl::ServerOptions sasl_options(const Session& session);

} // namespace tegami::imapd
