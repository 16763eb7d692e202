// Sign-ins of those who have a role, for the audit log.
#pragma once

#include "service/apid/api_routes.h"

namespace tegami::apid {

/// Puts routes for POST /session and POST /session/passkey in front of those that `signing_in` has: what these answer stays, and
/// whoever is signed in by it and has a role is written down before they learn it. Add it before the routes of the sessions. All of
/// it outlives the routes.
void add_sign_in_note(net::HttpRoutes& routes, const net::HttpRoutes& signing_in, const ApiService& service);

} // namespace tegami::apid
