// The administration over HTTPS: POST /api/NAME carries out the operation /NAME for whoever is signed in, with the role of
// their account; GET /api lists what they may call.
//
// 1. Who asks, by a cookie or a token, is known before anything of the body is read. What they may is for admin::Caller to say, as everywhere.
// 2. A page of another origin gets no answer, and nothing is changed by a request with a cookie that a page of ours did not
//    send, or a program that says so (Origin). A token no browser sends by itself.
// 3. Outside of the networks of `administration_from` everybody is a user.
#pragma once

#include "admin/admin.h"
#include "async/timer.h"
#include "base/ip_address.h"
#include "directory/authenticator.h"
#include "directory/roles.h"
#include "directory/web_sessions.h"
#include "net/http_routes.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tegami::apid {

/// Limit: octets of parameters.
inline constexpr std::size_t kParameterBytesMax = 64 * 1024;

/// What the routes share. What it refers to outlives them.
struct ApiService {
    admin::Admin& admin;
    directory::Authenticator& authenticator;
    directory::WebSessions& sessions;
    async::Timers& timers;
    const directory::Roles& roles;
    std::vector<IpNetwork> administration_from; ///< where an account's role counts
    std::string base_url; ///< what browsers reach us as: "https://mail.example.org", without a path
};

/// Refusals are JSON, {"error": "a sentence"}. `service` outlives the routes.
void add_api_routes(net::HttpRoutes& routes, const ApiService& service);

} // namespace tegami::apid
