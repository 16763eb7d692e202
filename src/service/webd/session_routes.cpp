#include "service/webd/session_routes.h"

#include "message/content_type.h"
#include "service/httpd/page_fields.h"
#include "service/webd/origin.h"
#include "service/webd/session_cookie.h"
#include "service/webd/sign_in_request.h"
#include "json/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

namespace tegami::webd {

namespace {

using Handler = async::Awaitable<net::HttpResponse> (*)(const SessionService* service, net::HttpRequest* request,
                                                        net::BodySource* body);

net::HttpResponse json_response(unsigned status, const json::object& object) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(object);
    return response;
}

net::HttpResponse refusal(unsigned status, std::string_view word) {
    return json_response(status, {{"error", word}});
}

net::HttpResponse unauthorized(std::string_view word) {
    net::HttpResponse response = refusal(401, word);
    // RFC 9110 §11.6.1 wants a challenge. One that browsers do not know opens no dialog of theirs.
    response.fields.add("WWW-Authenticate", "Cookie realm=\"mail\"");
    return response;
}

net::HttpResponse later(unsigned status, std::string_view word) {
    net::HttpResponse response = refusal(status, word);
    response.fields.add("Retry-After", "30");
    return response;
}

net::HttpResponse unavailable() {
    return later(503, "unavailable");
}

net::HttpResponse refusal(directory::LoginFailure::Reason reason) {
    using Reason = directory::LoginFailure::Reason;
    switch (reason) {
    case Reason::wrong_credentials: return unauthorized("wrong");
    case Reason::too_many: return later(429, "too-many");
    case Reason::unavailable: break;
    }
    return unavailable();
}

net::HttpResponse nothing() {
    net::HttpResponse response;
    response.status = 204;
    return response;
}

/// Ends the session that a browser is signed in with, if it is with one.
async::Awaitable<directory::DirectoryResult<>> end_session(const SessionService* service, std::string token) {
    const auto found = co_await service->sessions.find(std::move(token));
    if (!found) co_return failure(found.error());
    if (!*found) co_return directory::DirectoryResult<>();
    const auto ended = co_await service->sessions.end((*found)->identity.account, (*found)->id);
    if (!ended) co_return failure(ended.error());
    co_return directory::DirectoryResult<>();
}

async::Awaitable<net::HttpResponse> sign_in(const SessionService* service, net::HttpRequest* request,
                                            net::BodySource* body) {
    const auto type = message::parse_content_type(request->fields.find("Content-Type").value_or(""));
    // Pages of others can send this type only after asking (Fetch), which nobody answers.
    if (!type || !type->is("application", "json")) co_return refusal(400, "malformed");
    const auto octets = co_await net::read_whole(body, kSignInBytesMax);
    auto asked = octets ? parse_sign_in(*octets) : std::nullopt;
    if (!asked) co_return refusal(400, "malformed");
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::web,
                                  .tls = request->secure};
    std::string address = client.address;
    auto identity = co_await service->authenticator.check_password(std::move(asked->username),
                                                                   std::move(asked->password), std::move(client));
    if (!identity) {
        co_await async::sleep(&service->timers, identity.error().delay);
        co_return refusal(identity.error().reason);
    }
    request->identity = identity->address.to_string();
    // The browser forgets the session that it had.
    if (auto before = token_of(*request)) {
        const auto ended = co_await end_session(service, *std::move(before));
        if (!ended) co_return unavailable();
    }
    std::string agent(request->fields.find("User-Agent").value_or(""));
    const auto token = co_await service->sessions.begin(*std::move(identity), std::move(address), std::move(agent));
    if (!token) co_return unavailable();
    net::HttpResponse response = nothing();
    response.fields.add("Set-Cookie", set_cookie(*token));
    co_return response;
}

async::Awaitable<net::HttpResponse> show_session(const SessionService* service, net::HttpRequest* request,
                                                 net::BodySource*) {
    auto token = token_of(*request);
    if (!token) co_return unauthorized("signed-out");
    const auto found = co_await service->sessions.find(*token);
    if (!found) co_return unavailable();
    if (!*found) co_return unauthorized("signed-out");
    request->identity = (*found)->identity.address.to_string();
    const auto next = co_await service->sessions.replace(*std::move(token));
    if (!next) co_return unavailable();
    const auto since = std::chrono::floor<std::chrono::seconds>((*found)->since);
    net::HttpResponse response =
        json_response(200, {{"username", request->identity}, {"since", fmt::format("{:%FT%TZ}", since)}});
    if (*next) response.fields.add("Set-Cookie", set_cookie(**next));
    co_return response;
}

async::Awaitable<net::HttpResponse> sign_out(const SessionService* service, net::HttpRequest* request,
                                             net::BodySource*) {
    auto token = token_of(*request);
    if (token && !cookie_counts(*request, service->base_url)) co_return refusal(403, "origin");
    if (token) {
        const auto ended = co_await end_session(service, *std::move(token));
        if (!ended) co_return unavailable();
    }
    net::HttpResponse response = nothing();
    response.fields.add("Set-Cookie", clear_cookie());
    co_return response;
}

async::Awaitable<net::HttpResponse> answer(const SessionService* service, net::HttpRequest* request,
                                           net::BodySource* body, Handler handler) {
    net::HttpResponse response;
    // A password, and what stands for one, crosses TLS only.
    if (!request->secure || origin_of(*request, service->base_url) == Origin::others)
        response = refusal(403, "origin");
    else
        response = co_await handler(service, request, body);
    response.fields.add("Cache-Control", "no-store");
    httpd::add_page_fields(response, "default-src 'none'; frame-ancestors 'none'; sandbox");
    co_return response;
}

} // namespace

void add_session_routes(net::HttpRoutes& routes, const SessionService& service) {
    const auto add = [&](const char* method, Handler handler) {
        routes.add(method, "/session", [service = &service, handler](net::HttpRequest* request, net::BodySource* body) {
            return answer(service, request, body, handler);
        });
    };
    add("POST", sign_in);
    add("GET", show_session);
    add("DELETE", sign_out);
}

} // namespace tegami::webd
