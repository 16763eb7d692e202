// One connection of HTTP/2 over a stream. Private to net: serve_http() (http_server.h) comes here where TLS agreed on "h2".
//
// 1. One coroutine reads, one writes, and each request has one of its own; all of them end before the connection does.
// 2. A handler that has begun is carried out even if its request is reset; only the end of the server cancels it. Requests
//    whose handlers are still busy count as streams.
// 3. A request and its answer have the limits of HTTP/1.1. Time that a response waits for others of its connection is not
//    the client's.
// 4. Each stream asks the memory budget; what gets nothing is refused, and may be sent again (RFC 9113 §8.7).
// 5. The last words are GOAWAY, so that a client knows which requests to send again elsewhere.
#pragma once

#include "net/http_server.h"

namespace tegami::net {

async::Awaitable<> serve_http2(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies, HttpLimits limits);

} // namespace tegami::net
