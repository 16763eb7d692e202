#include "net/http_routes.h"

#include "base/ascii.h"

namespace tegami::net {

bool HttpRoutes::Route::matches(std::string_view asked) const {
    std::string_view pattern = path;
    if (pattern.ends_with("/*")) {
        pattern.remove_suffix(1);
        asked = asked.substr(0, pattern.size());
    }
    return any_case ? ascii::iequals(pattern, asked) : pattern == asked;
}

HttpResponse text_response(unsigned status, std::string_view line) {
    HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::string(line) + "\n";
    return response;
}

void HttpRoutes::add(std::string method, std::string path, HttpHandler handler) {
    routes_.push_back({std::move(method), std::move(path), std::move(handler)});
}

void HttpRoutes::add_in_any_case(std::string method, std::string path, HttpHandler handler) {
    routes_.push_back({std::move(method), std::move(path), std::move(handler), true});
}

const HttpHandler* HttpRoutes::find(std::string_view method, std::string_view path) const {
    for (const Route& route : routes_)
        if (route.matches(path) && (route.method == method || (route.method == "GET" && method == "HEAD")))
            return &route.handler;
    return nullptr;
}

HttpResponse HttpRoutes::refusal(std::string_view path) const {
    std::string allowed;
    for (const Route& route : routes_)
        if (route.matches(path)) allowed += (allowed.empty() ? "" : ", ") + route.method;
    if (allowed.empty()) return text_response(404, "not found");
    HttpResponse response = text_response(405, "method not allowed");
    response.fields.add("Allow", allowed);
    return response;
}

} // namespace tegami::net
