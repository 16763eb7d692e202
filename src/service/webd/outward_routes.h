// What the page asks of servers elsewhere for a person: pictures that a letter names, and to leave its list.
//
// 1. The person is signed in, by cookie, and the request does not come from a page of somebody else.
// 2. Nothing is asked but what stands in a letter of that account, and only of hosts of the Internet (net/web_client.h): the page
//    names a letter, and is not believed what stands in it.
// 3. An account has a few places of its own for this, and all together not so many that anybody else is kept waiting.
#pragma once

#include "async/worker_pool.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "directory/web_sessions.h"
#include "net/http_routes.h"
#include "net/web_client.h"
#include "service/webd/account_places.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webd {

/// Limits of a picture: its octets, and how long others may keep us waiting for it. A list's server has as long.
inline constexpr std::uint64_t kPictureBytesMax = 8ULL << 20;
inline constexpr auto kOutwardPatience = std::chrono::seconds(10);

/// What the routes share. What it refers to outlives them.
struct OutwardService {
    directory::WebSessions& sessions;
    store::Store& store;
    async::WorkerPool& workers; ///< look through letters
    MemoryBudget& memory;
    Log& log;
    net::WebClient web;
    /// What an email is called by JMAP.
    std::optional<store::EmailId> (*parse_email_id)(std::string_view text) = nullptr;
    std::string base_url; ///< what browsers reach us as: "https://mail.example.org", without a path
    bool pictures = true; ///< pictures are fetched at all
    std::unique_ptr<AccountPlaces> places = std::make_unique<AccountPlaces>();
};

/// Adds GET /picture?email=ID&url=ADDRESS, the picture; and POST /unsubscribe, a JSON object with `email`: 204 when the list's
/// server has taken it (RFC 8058). Refusals are JSON, {"error": "a-word"}; docs/web-mail.md has them. `service` outlives the
/// routes.
void add_outward_routes(net::HttpRoutes& routes, OutwardService& service);

} // namespace tegami::webd
