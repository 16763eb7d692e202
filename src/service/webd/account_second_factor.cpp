// /account/totp, /account/second-factor and /account/recovery-codes: what one shows beside the password.
#include "directory/totp.h"
#include "service/webd/answers.h"
#include "service/webd/own_account.h"

#include <utility>

namespace tegami::webd {

namespace {

net::HttpResponse recovery_codes(const std::vector<std::string>& codes) {
    return json_response(200, {{"recoveryCodes", json::value_from(codes)}});
}

/// What apps show the account under: the name that browsers reach us by.
std::string issuer_of(std::string_view base_url) {
    return std::string(base_url.substr(base_url.find("//") + 2));
}

} // namespace

async::Awaitable<net::HttpResponse> begin_totp(const AccountService* service, OwnRequest* own) {
    if (!own->said.has_only({"password", "code"}, {}, {"credential"})) co_return refusal(400, "malformed");
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::yes);
    if (refused) co_return *std::move(refused);
    const directory::Identity& owner = own->owner.identity;
    const auto secret = co_await service->second_factors.begin_totp(owner);
    if (!secret) co_return answer_for(secret.error());
    co_return json_response(200, {{"secret", directory::base32(*secret)},
                                  {"uri", directory::totp_uri(*secret, issuer_of(service->signing_in.base_url),
                                                              owner.address.to_string())}});
}

async::Awaitable<net::HttpResponse> confirm_totp(const AccountService* service, OwnRequest* own) {
    auto code = own->said.text("code");
    if (!code || !own->said.has_only({"code"})) co_return refusal(400, "malformed");
    const auto codes =
        co_await service->second_factors.confirm_totp(own->owner.identity, *std::move(code), own->owner.id);
    if (!codes) co_return answer_for(codes.error());
    if (!*codes) co_return refusal(403, "wrong-code");
    co_return recovery_codes(**codes);
}

async::Awaitable<net::HttpResponse> turn_on_passkeys(const AccountService* service, OwnRequest* own) {
    if (!own->said.has_only({"password"})) co_return refusal(400, "malformed");
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::no);
    if (refused) co_return *std::move(refused);
    const auto codes = co_await service->second_factors.turn_on_passkeys(own->owner.identity, own->owner.id);
    if (!codes) co_return answer_for(codes.error());
    co_return recovery_codes(*codes);
}

async::Awaitable<net::HttpResponse> remove_second_factor(const AccountService* service, OwnRequest* own) {
    if (!own->said.has_only({"password", "code"}, {}, {"credential"})) co_return refusal(400, "malformed");
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::yes);
    if (refused) co_return *std::move(refused);
    const auto removed = co_await service->second_factors.remove(own->owner.identity.account);
    if (!removed) co_return answer_for(removed.error());
    co_return *removed ? nothing() : refusal(404, "not-found");
}

async::Awaitable<net::HttpResponse> renew_recovery_codes(const AccountService* service, OwnRequest* own) {
    if (!own->said.has_only({"password", "code"}, {}, {"credential"})) co_return refusal(400, "malformed");
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::yes);
    if (refused) co_return *std::move(refused);
    const auto codes = co_await service->second_factors.renew_recovery_codes(own->owner.identity.account);
    if (!codes) co_return answer_for(codes.error());
    co_return recovery_codes(*codes);
}

} // namespace tegami::webd
