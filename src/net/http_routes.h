// Finds what answers a request, by method and path.
#pragma once

#include "net/http.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::net {

/// Answers one request; the request and its body outlive it. A handler that stops at a fault of the body may return
/// anything: the client is told the fault. What a handler throws becomes 500. Not a capturing lambda that is a
/// coroutine: a function that calls a named one.
using HttpHandler = std::function<async::Awaitable<HttpResponse>(HttpRequest*, BodySource*)>;

class HttpRoutes {
public:
    /// A path that ends in "/*" matches everything below it; the first route that matches counts.
    void add(std::string method, std::string path, HttpHandler handler);
    /// The same for a path that clients write in any case of letters.
    void add_in_any_case(std::string method, std::string path, HttpHandler handler);
    /// The handler; nothing if refusal() is the answer. A handler of GET answers HEAD too.
    const HttpHandler* find(std::string_view method, std::string_view path) const;
    /// 404, or 405 with the methods that there are (RFC 9110 §15.5.6).
    HttpResponse refusal(std::string_view path) const;

private:
    struct Route {
        std::string method;
        std::string path;
        HttpHandler handler;
        bool any_case = false;

        bool matches(std::string_view asked) const;
    };

    std::vector<Route> routes_;
};

/// A response of one line of text.
HttpResponse text_response(unsigned status, std::string_view line);

} // namespace tegami::net
