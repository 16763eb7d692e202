#include "service/webd/own_account.h"

#include "service/webd/answers.h"
#include "webauthn/credential_json.h"

#include <utility>

namespace tegami::webd {

namespace {

/// Checks what one of the owner's passkeys has signed; the answer if it is not right.
async::Awaitable<std::optional<net::HttpResponse>> refuse_passkey(const SessionService* signing_in,
                                                                  directory::AccountId owner, webauthn::Assertion shown,
                                                                  directory::LoginClient client) {
    webauthn::RelyingParty party = webauthn::RelyingParty::of(signing_in->base_url);
    const auto proved =
        co_await signing_in->authenticator.check_passkey(std::move(shown), std::move(party), std::move(client));
    if (proved && proved->account == owner) co_return std::nullopt;
    if (proved) co_return refusal(403, "wrong-passkey");
    co_await async::sleep(&signing_in->timers, proved.error().delay);
    co_return refusal(proved.error().reason, refusal(403, "wrong-passkey"));
}

} // namespace

async::Awaitable<std::optional<net::HttpResponse>> refuse_unproved(const AccountService* service, const OwnRequest* own,
                                                                   std::string member, CodeAsked asked) {
    auto password = own->said.text(member);
    if (!password) co_return refusal(400, "malformed");
    const SessionService& signing_in = service->signing_in;
    const directory::LoginClient client{.address = own->request->client.address.to_string(),
                                        .service = directory::LoginService::web,
                                        .tls = own->request->secure};
    std::string login = own->owner.identity.address.to_string();
    const auto checked = co_await signing_in.authenticator.sign_in(std::move(login), *std::move(password), client);
    if (!checked) {
        co_await async::sleep(&signing_in.timers, checked.error().delay);
        co_return refusal(checked.error().reason, refusal(403, "wrong"));
    }
    const auto* const owed = std::get_if<directory::CodeNeeded>(&*checked);
    if (owed == nullptr || asked == CodeAsked::no) co_return std::nullopt;
    if (const json::object* const credential = own->said.object("credential")) {
        auto shown = webauthn::read_assertion(*credential);
        if (!shown) co_return refusal(400, "malformed");
        co_return co_await refuse_passkey(&signing_in, own->owner.identity.account, *std::move(shown), client);
    }
    auto code = own->said.text("code");
    if (!code) co_return json_response(403, code_needed(*owed, signing_in.base_url));
    const auto proved = co_await signing_in.authenticator.check_code(owed->ticket, *std::move(code), client);
    if (proved) co_return std::nullopt;
    co_await async::sleep(&signing_in.timers, proved.error().failure.delay);
    co_return refusal(proved.error().failure.reason, refusal(403, "wrong-code"));
}

net::HttpResponse answer_for(const directory::Error& error) {
    using directory::ErrorCode;
    switch (error.code) {
    case ErrorCode::exists:
    case ErrorCode::in_use: return refusal(409, "exists");
    case ErrorCode::not_found: return refusal(404, "not-found");
    case ErrorCode::invalid: return refusal(400, "malformed");
    case ErrorCode::unavailable: break;
    }
    return unavailable();
}

} // namespace tegami::webd
