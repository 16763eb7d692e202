#include "service/apid/api_routes.h"

#include "message/content_type.h"
#include "service/httpd/page_fields.h"
#include "service/webd/bearer.h"
#include "service/webd/origin.h"
#include "service/webd/session_cookie.h"

#include <algorithm>
#include <utility>

namespace tegami::apid {

namespace {

constexpr std::string_view kPrefix = "/api";

using admin::Caller;
using admin::Operation;
using admin::Refusal;

bool role_counts(const ApiService& service, const net::HttpRequest& request) {
    return std::ranges::any_of(service.administration_from,
                               [&](const IpNetwork& network) { return network.contains(request.client.address); });
}

net::HttpResponse refused(unsigned status, std::string message) {
    return admin::respond(failure(Refusal{status, std::move(message)}));
}

async::Awaitable<Result<directory::Identity, net::HttpResponse>>
check_token(const ApiService* service, const net::HttpRequest* request, std::string token) {
    using Reason = directory::LoginFailure::Reason;
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::api,
                                  .tls = request->secure};
    auto checked = co_await service->authenticator.check_token(std::move(token), std::move(client));
    if (checked) co_return *std::move(checked);
    co_await async::sleep(&service->timers, checked.error().delay);
    if (checked.error().reason != Reason::wrong_credentials)
        co_return failure(refused(503, "logins from here cannot be checked now"));
    webd::TokenRefusal told = webd::refuse_token(checked.error(), "api");
    net::HttpResponse response =
        refused(told.status, "this token is not for the administration, or opens nothing any more");
    response.fields.add("WWW-Authenticate", std::move(told.challenge));
    co_return failure(std::move(response));
}

async::Awaitable<Result<directory::Identity, net::HttpResponse>> check_cookie(const ApiService* service,
                                                                              const net::HttpRequest* request) {
    if (!webd::cookie_counts(*request, service->base_url))
        co_return failure(refused(403, "only pages of this server may ask, or programs that name it in Origin"));
    auto token = webd::token_of(*request);
    if (!token) co_return failure(refused(401, "nobody is signed in"));
    auto found = co_await service->sessions.find(*std::move(token));
    if (!found) co_return failure(refused(503, found.error().message));
    if (!*found) co_return failure(refused(401, "nobody is signed in"));
    if ((*found)->owes_factor)
        co_return failure(refused(403, "a second factor has to be set up first: in the web mail, under Your account"));
    co_return std::move((*found)->identity);
}

async::Awaitable<Result<Caller, net::HttpResponse>> caller_of(const ApiService* service, net::HttpRequest* request) {
    if (!request->secure) co_return failure(refused(403, "over TLS only"));
    Result<directory::Identity, net::HttpResponse> identity = failure(net::HttpResponse());
    if (auto token = webd::bearer_token(*request))
        identity = co_await check_token(service, request, *std::move(token));
    else
        identity = co_await check_cookie(service, request);
    if (!identity) co_return failure(std::move(identity).error());
    directory::Role role = role_counts(*service, *request) ? service->roles.of(identity->account) : directory::Role();
    Caller caller = Caller::somebody(identity->address, std::move(role), request->client.address.to_string());
    request->identity = caller.name();
    co_return caller;
}

bool body_is_json(const Operation& operation) {
    return !std::holds_alternative<admin::TakingRun>(operation.run);
}

async::Awaitable<net::HttpResponse> call(const ApiService* service, net::HttpRequest* request, net::BodySource* body) {
    auto caller = co_await caller_of(service, request);
    if (!caller) co_return std::move(caller).error();
    const auto found = admin::all_operations().find(request->path().substr(kPrefix.size()));
    if (found == admin::all_operations().end())
        co_return admin::respond(failure(Refusal{404, "there is no such request: GET /api lists those there are"}));
    // Nothing that a user may not ask is read.
    if (caller->is_user() && found->second->access != admin::Access::own)
        co_return admin::respond(failure(admin::forbidden(*caller)));
    // Pages of others can send this type only after asking (Fetch), which nobody answers.
    const auto type = message::parse_content_type(request->fields.find("Content-Type").value_or(""));
    if (body_is_json(*found->second) && (!type || !type->is("application", "json")))
        co_return admin::respond(failure(Refusal{400, "Content-Type must be application/json"}));
    co_return co_await service->admin.serve(*std::move(caller), found->second, request, body, kParameterBytesMax);
}

json::object caller_json(const Caller& caller) {
    json::array domains;
    for (const message::Domain& domain : caller.domains())
        domains.emplace_back(domain.ascii());
    return {{"address", caller.name()}, {"role", caller.role()}, {"domains", std::move(domains)}};
}

json::array parameters_json(const Operation& operation) {
    json::array all;
    for (const admin::Parameter& parameter : operation.parameters)
        all.push_back(json::object{{"name", parameter.name},
                                   {"kind", admin::to_string(parameter.kind)},
                                   {"required", parameter.required},
                                   {"help", parameter.help}});
    return all;
}

json::array operations_json(const Caller& caller) {
    json::array all;
    for (const auto& [name, operation] : admin::all_operations()) {
        if (!caller.may_call(operation->access, !operation->subject.empty())) continue;
        all.push_back(json::object{{"name", name},
                                   {"access", admin::to_string(operation->access)},
                                   {"subject", operation->subject},
                                   {"help", operation->help},
                                   {"parameters", parameters_json(*operation)}});
    }
    return all;
}

async::Awaitable<net::HttpResponse> list(const ApiService* service, net::HttpRequest* request, net::BodySource*) {
    auto caller = co_await caller_of(service, request);
    if (!caller) co_return std::move(caller).error();
    co_return admin::respond(json::object{{"caller", caller_json(*caller)}, {"operations", operations_json(*caller)}});
}

using Handler = async::Awaitable<net::HttpResponse> (*)(const ApiService* service, net::HttpRequest* request,
                                                        net::BodySource* body);

async::Awaitable<net::HttpResponse> answer(const ApiService* service, net::HttpRequest* request, net::BodySource* body,
                                           Handler handler) {
    net::HttpResponse response = co_await handler(service, request, body);
    // RFC 9110 §11.6.1 wants a challenge. One that browsers do not know opens no dialog of theirs.
    if (response.status == 401 && !response.fields.find("WWW-Authenticate")) {
        response.fields.add("WWW-Authenticate", "Cookie realm=\"mail\"");
        response.fields.add("WWW-Authenticate", webd::bearer_challenge());
    }
    response.fields.add("Cache-Control", "no-store");
    httpd::add_page_fields(response, "default-src 'none'; frame-ancestors 'none'; sandbox");
    co_return response;
}

} // namespace

void add_api_routes(net::HttpRoutes& routes, const ApiService& service) {
    const auto add = [&](const char* method, std::string path, Handler handler) {
        routes.add(method, std::move(path),
                   [service = &service, handler](net::HttpRequest* request, net::BodySource* body) {
                       return answer(service, request, body, handler);
                   });
    };
    add("GET", std::string(kPrefix), list);
    for (const auto& [name, operation] : admin::all_operations())
        add("POST", std::string(kPrefix) + std::string(name), call);
}

} // namespace tegami::apid
