// /account/passkeys: what one signs in with in place of a password.
#include "service/webd/answers.h"
#include "service/webd/own_account.h"
#include "webauthn/credential_json.h"

#include <utility>

namespace tegami::webd {

namespace {

json::object passkey_in_json(const directory::Passkey& passkey) {
    return {{"id", passkey.id},
            {"name", passkey.name},
            {"made", print_moment(passkey.made)},
            {"used", passkey.used_day == 0 ? json::value() : json::value(print_day(passkey.used_day))}};
}

directory::Passkeys::Maker maker_of(const OwnRequest& own) {
    return {
        .owner = own.owner.identity, .web_session = own.owner.id, .client = own.request->client.address.to_string()};
}

} // namespace

async::Awaitable<net::HttpResponse> list_passkeys(const AccountService* service, OwnRequest* own) {
    const auto found = co_await service->signing_in.passkeys.list(own->owner.identity.account);
    if (!found) co_return unavailable();
    json::array passkeys;
    for (const directory::Passkey& passkey : *found)
        passkeys.push_back(passkey_in_json(passkey));
    co_return json_response(200, {{"passkeys", std::move(passkeys)}});
}

async::Awaitable<net::HttpResponse> begin_passkey(const AccountService* service, OwnRequest* own) {
    if (!own->said.has_only({"password", "code"}, {}, {"credential"})) co_return refusal(400, "malformed");
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::yes);
    if (refused) co_return *std::move(refused);
    const auto found = co_await service->signing_in.passkeys.list(own->owner.identity.account);
    if (!found) co_return unavailable();
    if (found->size() >= directory::kPasskeysMax) co_return refusal(409, "full");
    std::vector<std::string> there;
    for (const directory::Passkey& passkey : *found)
        there.push_back(passkey.credential.id);
    const directory::Identity& owner = own->owner.identity;
    const webauthn::NewUser user{.handle = directory::user_handle_of(owner.account), .name = owner.address.to_string()};
    const std::string challenge = service->signing_in.passkeys.begin_making(maker_of(*own));
    co_return json_response(200, webauthn::creation_options(webauthn::RelyingParty::of(service->signing_in.base_url),
                                                            user, challenge, there));
}

async::Awaitable<net::HttpResponse> add_passkey(const AccountService* service, OwnRequest* own) {
    auto name = own->said.text("name");
    const json::object* const credential = own->said.object("credential");
    auto made = credential == nullptr ? std::nullopt : webauthn::read_registration(*credential);
    if (!name || !made || !own->said.has_only({"name"}, {}, {"credential"})) co_return refusal(400, "malformed");
    webauthn::RelyingParty party = webauthn::RelyingParty::of(service->signing_in.base_url);
    auto added =
        co_await service->signing_in.passkeys.add(maker_of(*own), *std::move(name), *std::move(made), std::move(party));
    if (!added && added.error().code == directory::ErrorCode::in_use) co_return refusal(409, "full");
    if (!added) co_return answer_for(added.error());
    co_return json_response(201, passkey_in_json(*added));
}

async::Awaitable<net::HttpResponse> remove_passkey(const AccountService* service, OwnRequest* own) {
    const auto removed = co_await service->signing_in.passkeys.remove(own->owner.identity.account, own->last_segment);
    if (!removed && removed.error().code == directory::ErrorCode::in_use) co_return refusal(409, "needed");
    if (!removed) co_return answer_for(removed.error());
    co_return *removed ? nothing() : refusal(404, "not-found");
}

} // namespace tegami::webd
