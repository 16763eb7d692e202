// The web server that everybody reaches. Drives net's HTTP server over a stream, under TLS but for what cannot be.
//
// 1. A connection holds at most kConnectionBytes; it asks the budget for them before the handshake.
// 2. Whoever is turned away is told nothing: telling would take a handshake.
#pragma once

#include "async/timer.h"
#include "base/memory_budget.h"
#include "net/http_server.h"
#include "net/stream.h"
#include "net/tls_context.h"

#include <cstdint>
#include <memory>

namespace tegami::httpd {

/// Limit: what a client may send, and how long a connection may wait. Of a body no more is read than a handler asks for,
/// and each has a limit of its own.
inline constexpr net::HttpLimits kLimits{.header_bytes_max = 8 * 1024,
                                         .body_bytes_max = 1ULL << 40U,
                                         .idle_max = std::chrono::seconds(15),
                                         .header_max = std::chrono::seconds(10),
                                         .wait_max = std::chrono::seconds(10),
                                         .bytes_per_second_min = 1024};
/// Limit: octets that a connection holds beside the stream: of a request, and of its answer.
inline constexpr std::uint64_t kConnectionBytes = 24 * 1024;

/// What all connections share; made by app/, outlives them.
struct Dependencies {
    net::HttpDependencies http;
    net::CurrentTlsServerContext& tls;
    MemoryBudget& memory;
};

/// Serves one connection to its end. `admitted` is false if there are too many. `service` outlives the call.
async::Awaitable<> serve(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted);
/// The same without TLS.
async::Awaitable<> serve_plainly(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted);

} // namespace tegami::httpd
