#include "service/webd/session_routes.h"

#include "message/content_type.h"
#include "service/webd/answers.h"
#include "service/webd/origin.h"
#include "service/webd/session_cookie.h"
#include "service/webd/sign_in_request.h"
#include "webauthn/credential_json.h"

#include <utility>

namespace tegami::webd {

namespace {

using Handler = async::Awaitable<net::HttpResponse> (*)(const SessionService* service, net::HttpRequest* request,
                                                        net::BodySource* body);

/// Ends the session that a browser is signed in with, if it is with one.
async::Awaitable<directory::DirectoryResult<>> end_session(const SessionService* service, std::string token) {
    const auto found = co_await service->sessions.find(std::move(token));
    if (!found) co_return failure(found.error());
    if (!*found) co_return directory::DirectoryResult<>();
    const auto ended = co_await service->sessions.end((*found)->identity.account, (*found)->id);
    if (!ended) co_return failure(ended.error());
    co_return directory::DirectoryResult<>();
}

/// Begins a session for somebody who has shown all that they must.
async::Awaitable<net::HttpResponse> begin_session(const SessionService* service, net::HttpRequest* request,
                                                  directory::Identity identity) {
    request->identity = identity.address.to_string();
    // The browser forgets the session that it had.
    if (auto before = token_of(*request)) {
        const auto ended = co_await end_session(service, *std::move(before));
        if (!ended) co_return unavailable();
    }
    std::string agent(request->fields.find("User-Agent").value_or(""));
    std::string address = request->client.address.to_string();
    const auto token = co_await service->sessions.begin(identity, address, std::move(agent));
    if (!token) co_return unavailable();
    if (service->on_sign_in) co_await service->on_sign_in(std::move(identity), std::move(address));
    net::HttpResponse response = nothing();
    response.fields.add("Set-Cookie", set_cookie(*token));
    co_return response;
}

async::Awaitable<net::HttpResponse> sign_in_by_password(const SessionService* service, net::HttpRequest* request,
                                                        PasswordSignIn shown, directory::LoginClient client) {
    auto signed_in = co_await service->authenticator.sign_in(std::move(shown.username), std::move(shown.password),
                                                             std::move(client));
    if (!signed_in) {
        co_await async::sleep(&service->timers, signed_in.error().delay);
        co_return refusal(signed_in.error().reason, unauthorized("wrong"));
    }
    if (const auto* const owed = std::get_if<directory::CodeNeeded>(&*signed_in)) {
        json::object needed = code_needed(*owed, service->base_url);
        needed["ticket"] = owed->ticket;
        co_return unauthorized(needed);
    }
    directory::Identity identity = std::get<directory::Identity>(*std::move(signed_in));
    co_return co_await begin_session(service, request, std::move(identity));
}

async::Awaitable<net::HttpResponse> sign_in_by_code(const SessionService* service, net::HttpRequest* request,
                                                    CodeSignIn shown, directory::LoginClient client) {
    auto identity =
        co_await service->authenticator.check_code(std::move(shown.ticket), std::move(shown.code), std::move(client));
    if (identity) co_return co_await begin_session(service, request, *std::move(identity));
    const directory::CodeFailure failed = identity.error();
    co_await async::sleep(&service->timers, failed.failure.delay);
    net::HttpResponse wrong = failed.ticket.empty()
                                  ? unauthorized("expired")
                                  : unauthorized({{"error", "wrong-code"}, {"ticket", failed.ticket}});
    co_return refusal(failed.failure.reason, std::move(wrong));
}

/// Pages of others can send this type only after asking (Fetch), which nobody answers.
bool is_json(const net::HttpRequest& request) {
    const auto type = message::parse_content_type(request.fields.find("Content-Type").value_or(""));
    return type && type->is("application", "json");
}

async::Awaitable<net::HttpResponse> sign_in(const SessionService* service, net::HttpRequest* request,
                                            net::BodySource* body) {
    if (!is_json(*request)) co_return refusal(400, "malformed");
    const auto octets = co_await net::read_whole(body, kSignInBytesMax);
    auto asked = octets ? parse_sign_in(*octets) : std::nullopt;
    if (!asked) co_return refusal(400, "malformed");
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::web,
                                  .tls = request->secure};
    if (auto* const code = std::get_if<CodeSignIn>(&*asked)) {
        co_return co_await sign_in_by_code(service, request, std::move(*code), std::move(client));
    }
    PasswordSignIn password = std::get<PasswordSignIn>(*std::move(asked));
    co_return co_await sign_in_by_password(service, request, std::move(password), std::move(client));
}

async::Awaitable<net::HttpResponse> begin_passkey(const SessionService* service, net::HttpRequest* request,
                                                  net::BodySource*) {
    const std::string challenge = service->passkeys.begin_sign_in(request->client.address.to_string());
    co_return json_response(200, webauthn::request_options(webauthn::RelyingParty::of(service->base_url), challenge, {},
                                                           webauthn::Verification::needed));
}

async::Awaitable<net::HttpResponse> sign_in_by_passkey(const SessionService* service, net::HttpRequest* request,
                                                       net::BodySource* body) {
    if (!is_json(*request)) co_return refusal(400, "malformed");
    const auto octets = co_await net::read_whole(body, kPasskeySignInBytesMax);
    auto shown = octets ? parse_passkey_sign_in(*octets) : std::nullopt;
    if (!shown) co_return refusal(400, "malformed");
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::web,
                                  .tls = request->secure};
    webauthn::RelyingParty party = webauthn::RelyingParty::of(service->base_url);
    auto identity =
        co_await service->authenticator.check_passkey(*std::move(shown), std::move(party), std::move(client));
    if (identity) co_return co_await begin_session(service, request, *std::move(identity));
    co_await async::sleep(&service->timers, identity.error().delay);
    co_return refusal(identity.error().reason, unauthorized("wrong-passkey"));
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
    json::object who{{"username", request->identity}, {"since", print_moment((*found)->since)}};
    if ((*found)->owes_factor) who["secondFactorRequired"] = true;
    net::HttpResponse response = json_response(200, who);
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
    if (may_be_answered(*request, service->base_url))
        response = co_await handler(service, request, body);
    else
        response = refusal(403, "origin");
    add_private_fields(response);
    co_return response;
}

} // namespace

void add_session_routes(net::HttpRoutes& routes, const SessionService& service) {
    const auto add = [&](const char* method, Handler handler, const char* path = "/session") {
        routes.add(method, path, [service = &service, handler](net::HttpRequest* request, net::BodySource* body) {
            return answer(service, request, body, handler);
        });
    };
    add("POST", sign_in);
    add("GET", show_session);
    add("DELETE", sign_out);
    add("POST", begin_passkey, "/session/passkey/begin");
    add("POST", sign_in_by_passkey, "/session/passkey");
}

} // namespace tegami::webd
