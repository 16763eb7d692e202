// An HTTP server over any stream: HTTP/2 where TLS has agreed on it (ALPN "h2"), HTTP/1.1 otherwise. Handlers see neither.
//
// 1. Bodies are streamed both ways: a request's is read from the connection as the handler asks for it, a response's
//    is asked for as the client takes it. Neither is held as a whole.
// 2. Everything that a client sends, and how slowly it sends or takes, has a limit (HttpLimits). A client that breaks
//    one is closed; one whose body came too slowly or is too large, or whose header is, is told 408, 413 or 431 first.
//    Under HTTP/2 each request has these limits, and the connection those of http2_session.h.
// 3. Each request becomes one line of the log. What a handler throws becomes 500: the log has the reason, the client
//    gets the number under which it stands there, and never the reason.
// 4. A connection that is upgraded is its handler's from then on, without limits of ours but the end that finish() gives it.
#pragma once

#include "async/timer.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "net/http_routes.h"
#include "net/network.h"
#include "net/unanswered_requests.h"

#include <memory>
#include <span>

namespace tegami::net {

struct HttpLimits {
    std::size_t header_bytes_max = 16 * 1024;       ///< under HTTP/2 with 32 more for each field (RFC 9113 §6.5.2)
    std::uint64_t body_bytes_max = 1024 * 1024;     ///< of a request; a handler may ask for less
    Duration idle_max = std::chrono::seconds(60);   ///< between requests of one connection
    Duration header_max = std::chrono::seconds(30); ///< from a request's first octet to the end of its header
    /// How long a client may keep us waiting, in all, with a request's body or for taking the response: this, and a
    /// second for so many octets.
    Duration wait_max = std::chrono::seconds(30);
    std::uint64_t bytes_per_second_min = 1024;
};

/// All of them outlive the connections.
struct HttpDependencies {
    const HttpRoutes& routes;
    async::Timers& timers;
    RandomSource& random;
    Log& log;
    LogLevel request_level = LogLevel::info; ///< of the line about each request
    MemoryBudget* memory = nullptr;          ///< for the streams of HTTP/2; null: whatever they need
    /// Whose word about the client of a request is taken (forwarded.h).
    std::span<const IpNetwork> trusted_proxies{};
    /// For requests whose client has come under TLS; null: the same. Without TLS of our own only a proxy can say so.
    const HttpRoutes* secure_routes = nullptr;
    /// Where requests are counted until all of their answer is written, but for answers that have no length, which may never end;
    /// null: nowhere.
    UnansweredRequests* unanswered = nullptr;
};

/// Serves one connection until it ends.
async::Awaitable<> serve_http(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies, HttpLimits limits);

} // namespace tegami::net
