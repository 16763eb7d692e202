#include "directory/passkeys.h"

#include "directory/engine_access.h"
#include "directory/web_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

using PasskeyRow = std::vector<Passkey>;

constexpr std::size_t kPasskeyIdLength = 8;

store::Operation kept_passkeys(const std::string& key, const PasskeyRow& passkeys) {
    if (passkeys.empty()) return store::Delete{key};
    return store::Put{key, records::encode(passkeys)};
}

Error no_passkey_asked() {
    return {.code = ErrorCode::invalid, .message = "this passkey was not asked for, or too long ago"};
}

} // namespace

Passkeys::Passkeys(Dependencies dependencies) : dependencies_(dependencies), challenges_(dependencies.random) {}

async::Awaitable<DirectoryResult<std::vector<Passkey>>> Passkeys::list(AccountId account) {
    auto row = co_await get_row(&dependencies_.engine, records::passkeys_key(account), &records::decode_passkeys);
    if (!row) co_return failure(row.error());
    co_return std::move(*row).value_or(PasskeyRow());
}

std::string Passkeys::begin_making(const Maker& maker) {
    return challenges_.give({.account = maker.owner.account, .web_session = maker.web_session}, maker.client,
                            dependencies_.clock.instant());
}

async::Awaitable<DirectoryResult<Passkey>> Passkeys::add(Maker maker, std::string name, webauthn::Registration made,
                                                         webauthn::RelyingParty party) {
    if (const auto error = check_passkey_name(name)) co_return failure(*error);
    const auto client = webauthn::parse_client_data(made.client_data);
    const AccountId account = maker.owner.account;
    const PasskeyChallenges::Purpose purpose{.account = account, .web_session = maker.web_session};
    if (!client || !challenges_.take(client->challenge, purpose, dependencies_.clock.instant()))
        co_return failure(no_passkey_asked());
    auto credential = webauthn::check_registration(made, party);
    if (!credential)
        co_return failure(
            Error{.code = ErrorCode::invalid,
                  .message = fmt::format("the passkey is not what was asked for: {}", word_of(credential.error()))});
    Passkey passkey{.id = dependencies_.random.token(kPasskeyIdLength),
                    .name = std::move(name),
                    .credential = *std::move(credential),
                    .made = dependencies_.clock.now()};
    // No row of an account that is gone: the id must still be there.
    const store::KeyAssertion exists{.key = records::id_key(account), .value = records::encode(maker.owner.address)};
    const std::string key = records::passkeys_key(account);
    const auto decide = [&](std::optional<PasskeyRow> row) -> DirectoryResult<store::Update> {
        PasskeyRow all = std::move(row).value_or(PasskeyRow());
        const auto is_it = [&](const Passkey& each) { return each.credential.id == passkey.credential.id; };
        if (std::ranges::any_of(all, is_it))
            return failure(Error{.code = ErrorCode::exists, .message = "this passkey is there already"});
        if (all.size() >= kPasskeysMax)
            return failure(
                Error{.code = ErrorCode::in_use,
                      .message = fmt::format("the account has {} passkeys: remove one first", kPasskeysMax)});
        all.push_back(passkey);
        return store::Update{.operations = {kept_passkeys(key, all)}, .assertions = {exists}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_passkeys, decide);
    if (!updated) co_return failure(updated.error());
    co_return passkey;
}

async::Awaitable<DirectoryResult<bool>> Passkeys::remove(AccountId account, std::string id) {
    const std::string key = records::passkeys_key(account);
    const std::string factor_key = records::second_factor_key(account);
    const auto factor = co_await get_row(&dependencies_.engine, factor_key, &records::decode_second_factor);
    if (!factor) co_return failure(factor.error());
    store::KeyAssertion same_factor{.key = factor_key, .value = std::nullopt};
    if (*factor) same_factor.value = records::encode(**factor);
    const bool needed = *factor && (*factor)->by_passkeys && !(*factor)->totp.confirmed;
    bool removed = false;
    const auto decide = [&](std::optional<PasskeyRow> row) -> DirectoryResult<store::Update> {
        removed = row && std::erase_if(*row, [&](const Passkey& each) { return each.id == id; }) != 0;
        if (!removed) return store::Update();
        if (row->empty() && needed)
            return failure(Error{.code = ErrorCode::in_use,
                                 .message = "it is the last one, and the second factor needs it: turn that off first"});
        return store::Update{.operations = {kept_passkeys(key, *row)}, .assertions = {same_factor}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_passkeys, decide);
    if (!updated) co_return failure(updated.error());
    co_return removed;
}

std::string Passkeys::begin_sign_in(const ClientAddress& client) {
    return challenges_.give({}, client, dependencies_.clock.instant());
}

bool Passkeys::end_sign_in(std::string_view challenge) {
    return challenges_.take(challenge, {}, dependencies_.clock.instant());
}

async::Awaitable<DirectoryResult<Result<void, webauthn::Fault>>> Passkeys::use(AccountId account,
                                                                               webauthn::Assertion shown,
                                                                               webauthn::RelyingParty party,
                                                                               webauthn::Verification verification) {
    const std::string key = records::passkeys_key(account);
    Result<void, webauthn::Fault> used = failure(webauthn::Fault::unknown_key);
    const auto decide =
        [&, day = day_of(dependencies_.clock.now())](std::optional<PasskeyRow> row) -> DirectoryResult<store::Update> {
        used = failure(webauthn::Fault::unknown_key);
        if (!row) return store::Update();
        const auto passkey =
            std::ranges::find_if(*row, [&](const Passkey& each) { return each.credential.id == shown.id; });
        if (passkey == row->end()) return store::Update();
        const auto counter = webauthn::check_assertion(shown, passkey->credential, party, verification);
        if (!counter) {
            used = failure(counter.error());
            return store::Update();
        }
        used = {};
        if (passkey->used_day == day && passkey->credential.counter == *counter) return store::Update();
        passkey->used_day = day;
        passkey->credential.counter = *counter;
        return store::Update{.operations = {kept_passkeys(key, *row)}, .assertions = {}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_passkeys, decide);
    if (!updated) co_return failure(updated.error());
    co_return used;
}

} // namespace tegami::directory
