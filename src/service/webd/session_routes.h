// Signing in to the web face, and out of it: /session.
//
// 1. A password is checked behind the guard that all services share, and told apart from an unknown user by nobody.
// 2. What is answered is durable: a session that was told of outlives a restart, one that was ended is over.
// 3. A page of another origin gets no answer, whatever the browser sends with its requests.
#pragma once

#include "async/timer.h"
#include "directory/authenticator.h"
#include "directory/passkeys.h"
#include "directory/web_sessions.h"
#include "net/http_routes.h"

#include <functional>
#include <string>

namespace tegami::webd {

/// What the routes share. What it refers to outlives them.
struct SessionService {
    directory::Authenticator& authenticator;
    directory::WebSessions& sessions;
    directory::Passkeys& passkeys;
    async::Timers& timers;
    std::string base_url; ///< what browsers reach us as: "https://mail.example.org", without a path
    /// Told of each sign-in, with the address of the client, before the browser is; may be nothing.
    std::function<async::Awaitable<>(directory::Identity identity, std::string client)> on_sign_in{};
};

/// Adds POST /session (a JSON object with `username` and `password`: 204 with the cookie, or 401; where a second factor is in force
/// after the right password 401 with `code-needed` and a `ticket`, which then comes with a `code`), GET (who is signed in, since
/// when; a new cookie if it is time; or 401) and DELETE (204; the session is over); POST /session/passkey/begin (what a browser asks
/// of a passkey) and POST /session/passkey (what that has signed: 204 with the cookie, or 401). Refusals are JSON,
/// {"error": "a-word"}. docs/api-account.md is the contract.
/// `service` outlives the routes.
void add_session_routes(net::HttpRoutes& routes, const SessionService& service);

} // namespace tegami::webd
