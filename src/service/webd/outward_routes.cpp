#include "service/webd/outward_routes.h"

#include "service/httpd/page_fields.h"
#include "service/webd/origin.h"
#include "service/webd/outward_answers.h"
#include "service/webd/session_cookie.h"
#include "json/json.h"

namespace tegami::webd {

namespace {

using OutwardHandler = async::Awaitable<net::HttpResponse> (*)(OutwardService* service, store::AccountId account,
                                                               const net::HttpRequest* request, net::BodySource* body);

async::Awaitable<net::HttpResponse> answer_signed_in(OutwardService* service, net::HttpRequest* request,
                                                     net::BodySource* body, OutwardHandler handler) {
    if (!request->secure || !cookie_counts(*request, service->base_url)) co_return outward_refusal(403, "origin");
    auto token = token_of(*request);
    if (!token) co_return outward_refusal(403, "signed-out");
    const auto found = co_await service->sessions.find(*std::move(token));
    if (!found) co_return outward_later("unavailable");
    if (!*found) co_return outward_refusal(403, "signed-out");
    if ((*found)->owes_factor) co_return outward_refusal(403, "second-factor-required");
    request->identity = (*found)->identity.address.to_string();
    co_return co_await handler(service, (*found)->identity.account, request, body);
}

async::Awaitable<net::HttpResponse> answer_outward(OutwardService* service, net::HttpRequest* request,
                                                   net::BodySource* body, OutwardHandler handler) {
    net::HttpResponse response = co_await answer_signed_in(service, request, body, handler);
    if (!response.fields.find("Cache-Control")) response.fields.add("Cache-Control", "no-store");
    httpd::add_page_fields(response, "default-src 'none'; frame-ancestors 'none'; sandbox");
    co_return response;
}

} // namespace

net::HttpResponse outward_refusal(unsigned status, std::string_view word) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(json::object{{"error", word}});
    return response;
}

net::HttpResponse outward_later(std::string_view word) {
    net::HttpResponse response = outward_refusal(503, word);
    response.fields.add("Retry-After", "30");
    return response;
}

void add_outward_routes(net::HttpRoutes& routes, OutwardService& service) {
    const auto add = [&](const char* method, const char* path, OutwardHandler handler) {
        routes.add(method, path, [service = &service, handler](net::HttpRequest* request, net::BodySource* body) {
            return answer_outward(service, request, body, handler);
        });
    };
    add("GET", "/picture", answer_picture);
    add("POST", "/unsubscribe", answer_unsubscribe);
}

} // namespace tegami::webd
