#include "service/webd/account_routes.h"

#include "directory/password.h"
#include "message/content_type.h"
#include "service/webd/answers.h"
#include "service/webd/origin.h"
#include "service/webd/own_account.h"
#include "service/webd/session_cookie.h"

#include <utility>

namespace tegami::webd {

namespace {

async::Awaitable<net::HttpResponse> show_account(const AccountService* service, OwnRequest* own) {
    const auto factor = co_await service->second_factors.find(own->owner.identity.account);
    if (!factor) co_return unavailable();
    const auto passkeys = co_await service->signing_in.passkeys.list(own->owner.identity.account);
    if (!passkeys) co_return unavailable();
    co_return json_response(200, {{"address", own->owner.identity.address.to_string()},
                                  {"secondFactor",
                                   {{"inForce", factor->in_force()},
                                    {"required", factor->required},
                                    {"kinds", json::value_from(factor->kinds(!passkeys->empty()))},
                                    {"recoveryCodes", factor->recovery_hashes.size()}}}});
}

/// What is wrong with a password that somebody chose, as a word; empty: nothing.
std::string_view fault_of(const std::string& password, const directory::EmailAddress& owner) {
    if (directory::check_new_password(password)) return "malformed";
    if (directory::check_chosen_password(password)) return "too-short";
    if (directory::is_guessed_first(password, owner)) return "guessed-first";
    return {};
}

/// Ends every session; this browser gets another one.
async::Awaitable<net::HttpResponse> change_password(const AccountService* service, OwnRequest* own) {
    const directory::EmailAddress& address = own->owner.identity.address;
    const auto chosen = own->said.text("new");
    if (!chosen || !own->said.has_only({"old", "new", "code"}, {}, {"credential"})) co_return refusal(400, "malformed");
    if (const std::string_view fault = fault_of(*chosen, address); !fault.empty()) co_return refusal(400, fault);
    auto refused = co_await refuse_unproved(service, own, "old", CodeAsked::yes);
    if (refused) co_return *std::move(refused);
    const auto changed = co_await service->directory.set_password(address, *chosen);
    if (!changed) co_return answer_for(changed.error());
    // It is changed, whatever becomes of the session.
    net::HttpResponse response = nothing();
    auto identity = co_await service->credentials.find(address.to_string());
    if (!identity || !*identity) co_return response;
    std::string agent(own->request->fields.find("User-Agent").value_or(""));
    std::string client = own->request->client.address.to_string();
    const auto token =
        co_await service->signing_in.sessions.begin(**std::move(identity), std::move(client), std::move(agent));
    if (token) response.fields.add("Set-Cookie", set_cookie(*token));
    co_return response;
}

async::Awaitable<net::HttpResponse> list_sessions(const AccountService* service, OwnRequest* own) {
    const auto found = co_await service->signing_in.sessions.list(own->owner.identity.account);
    if (!found) co_return unavailable();
    json::array sessions;
    for (const directory::WebSession& session : *found)
        sessions.push_back(json::object{{"id", session.id},
                                        {"since", print_moment(session.since)},
                                        {"used", print_day(session.day)},
                                        {"client", session.client},
                                        {"agent", session.agent},
                                        {"current", session.id == own->owner.id}});
    co_return json_response(200, {{"sessions", std::move(sessions)}});
}

async::Awaitable<net::HttpResponse> end_own_session(const AccountService* service, OwnRequest* own) {
    const auto ended = co_await service->signing_in.sessions.end(own->owner.identity.account, own->last_segment);
    if (!ended) co_return answer_for(ended.error());
    if (*ended == 0) co_return refusal(404, "not-found");
    net::HttpResponse response = nothing();
    if (own->last_segment == own->owner.id) response.fields.add("Set-Cookie", clear_cookie());
    co_return response;
}

/// What somebody said; nothing if it cannot be read.
async::Awaitable<std::optional<AccountRequest>> read_request(const net::HttpRequest* request, net::BodySource* body) {
    const auto octets = co_await net::read_whole(body, kAccountRequestBytesMax);
    if (!octets) co_return std::nullopt;
    const auto type = message::parse_content_type(request->fields.find("Content-Type").value_or(""));
    // Pages of others can send this type only after asking (Fetch), which nobody answers.
    if (!octets->empty() && (!type || !type->is("application", "json"))) co_return std::nullopt;
    co_return AccountRequest::parse(*octets);
}

struct AccountRoute {
    const char* method;
    const char* path;
    OwnHandler handler;
    bool sets_up_factor = false; ///< for who must do that first, too
};

async::Awaitable<net::HttpResponse> answer_owner(const AccountService* service, net::HttpRequest* request,
                                                 net::BodySource* body, const AccountRoute* route) {
    auto token = token_of(*request);
    if (!token) co_return unauthorized("signed-out");
    if (!cookie_counts(*request, service->signing_in.base_url)) co_return refusal(403, "origin");
    auto found = co_await service->signing_in.sessions.find(*std::move(token));
    if (!found) co_return unavailable();
    if (!*found) co_return unauthorized("signed-out");
    if ((*found)->owes_factor && !route->sets_up_factor) co_return refusal(403, "second-factor-required");
    request->identity = (*found)->identity.address.to_string();
    auto said = co_await read_request(request, body);
    if (!said) co_return refusal(400, "malformed");
    const std::string_view path = request->path();
    OwnRequest own{.request = request,
                   .owner = **std::move(found),
                   .said = *std::move(said),
                   .last_segment = std::string(path.substr(path.rfind('/') + 1))};
    if (own.last_segment.empty()) co_return refusal(404, "not-found");
    co_return co_await route->handler(service, &own);
}

async::Awaitable<net::HttpResponse> answer_account(const AccountService* service, net::HttpRequest* request,
                                                   net::BodySource* body, const AccountRoute* route) {
    net::HttpResponse response;
    if (may_be_answered(*request, service->signing_in.base_url))
        response = co_await answer_owner(service, request, body, route);
    else
        response = refusal(403, "origin");
    add_private_fields(response);
    co_return response;
}

constexpr AccountRoute kRoutes[] = {
    {"GET", "/account", show_account, true},
    {"POST", "/account/password", change_password},
    {"GET", "/account/app-passwords", list_app_passwords},
    {"POST", "/account/app-passwords", add_app_password},
    {"DELETE", "/account/app-passwords/*", remove_app_password},
    {"POST", "/account/totp", begin_totp, true},
    {"POST", "/account/totp/confirm", confirm_totp, true},
    {"POST", "/account/second-factor", turn_on_passkeys, true},
    {"DELETE", "/account/second-factor", remove_second_factor},
    {"GET", "/account/passkeys", list_passkeys, true},
    {"POST", "/account/passkeys/begin", begin_passkey, true},
    {"POST", "/account/passkeys", add_passkey, true},
    {"DELETE", "/account/passkeys/*", remove_passkey, true},
    {"POST", "/account/recovery-codes", renew_recovery_codes},
    {"GET", "/account/sessions", list_sessions},
    {"DELETE", "/account/sessions/*", end_own_session},
    {"GET", "/account/deleted", list_deleted},
    {"POST", "/account/undelete", put_back},
    {"GET", "/account/export", export_mailbox},
};

} // namespace

void add_account_routes(net::HttpRoutes& routes, const AccountService& service) {
    for (const AccountRoute& route : kRoutes)
        routes.add(route.method, route.path,
                   [service = &service, route = &route](net::HttpRequest* request, net::BodySource* body) {
                       return answer_account(service, request, body, route);
                   });
}

} // namespace tegami::webd
