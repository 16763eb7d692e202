// A small HTTP/1.1 server over any stream: the control socket, later the web faces. Handlers never see a parser.
//
// Everything a client sends has a limit (HttpLimits); a client that breaks one gets 413 or 431 and is closed.
#pragma once

#include "async/timer.h"
#include "net/http.h"
#include "net/network.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tegami::net {

struct HttpLimits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
    Duration idle_max = std::chrono::seconds(60);    ///< between requests of one connection
    Duration request_max = std::chrono::seconds(30); ///< from a request's first octet to its last
    Duration write_max = std::chrono::seconds(60);   ///< for one response
};

/// Answers one request. Not a capturing lambda that is a coroutine: a function that calls a named one.
using HttpHandler = std::function<async::Awaitable<HttpResponse>(HttpRequest)>;

/// Finds the handler of a request by method and path; a path that ends in "/*" matches everything below it.
class HttpRoutes {
public:
    void add(std::string method, std::string path, HttpHandler handler);
    /// The handler; or one that answers 404, or 405.
    const HttpHandler& find(const HttpRequest& request) const;

private:
    struct Route {
        std::string method;
        std::string path;
        HttpHandler handler;
    };

    std::vector<Route> routes_;
};

/// Serves one connection until it ends; what a handler throws becomes 500. All pointers outlive the connection.
async::Awaitable<> serve_http(std::unique_ptr<Stream> stream, const HttpRoutes* routes, HttpLimits limits,
                              async::Timers* timers);

} // namespace tegami::net
