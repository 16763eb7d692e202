#include "net/http_routes.h"

namespace tegami::net {

namespace {

bool matches(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with("/*")) return pattern == path;
    pattern.remove_suffix(1);
    return path.starts_with(pattern);
}

} // namespace

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

const HttpHandler* HttpRoutes::find(std::string_view method, std::string_view path) const {
    for (const Route& route : routes_)
        if (matches(route.path, path) && (route.method == method || (route.method == "GET" && method == "HEAD")))
            return &route.handler;
    return nullptr;
}

HttpResponse HttpRoutes::refusal(std::string_view path) const {
    std::string allowed;
    for (const Route& route : routes_)
        if (matches(route.path, path)) allowed += (allowed.empty() ? "" : ", ") + route.method;
    if (allowed.empty()) return text_response(404, "not found");
    HttpResponse response = text_response(405, "method not allowed");
    response.fields.add("Allow", allowed);
    return response;
}

} // namespace tegami::net
