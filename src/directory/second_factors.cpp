#include "directory/second_factors.h"

#include "directory/engine_access.h"

#include <utility>

namespace tegami::directory {

namespace {

Error in_force_already() {
    return {.code = ErrorCode::exists, .message = "a second factor is in force already"};
}

Error not_in_force() {
    return {.code = ErrorCode::not_found, .message = "no second factor is in force"};
}

Error owner_changed() {
    return {.code = ErrorCode::not_found, .message = "the account has changed a moment ago"};
}

} // namespace

async::Awaitable<DirectoryResult<SecondFactor>> SecondFactors::find(AccountId account) {
    auto factor = co_await stored(account);
    if (factor && dependencies_.required_for_roles && dependencies_.roles.of(account).kind != RoleKind::user)
        factor->required = true;
    co_return factor;
}

async::Awaitable<DirectoryResult<>> SecondFactors::require(Account account, bool required) {
    const store::KeyAssertion exists{.key = records::id_key(account.id), .value = records::encode(account.address)};
    const std::string key = records::second_factor_key(account.id);
    const auto decide = [&](std::optional<SecondFactor> row) -> DirectoryResult<store::Update> {
        SecondFactor factor = std::move(row).value_or(SecondFactor());
        factor.required = required;
        store::Update update{.operations = {}, .assertions = {exists}};
        if (factor == SecondFactor())
            update.operations.emplace_back(store::Delete{key});
        else
            update.operations.emplace_back(store::Put{key, records::encode(factor)});
        return update;
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_second_factor, decide);
    if (!updated) co_return failure(updated.error());
    if (required) dependencies_.sessions.end_all(account.id);
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<SecondFactor>> SecondFactors::stored(AccountId account) {
    auto row =
        co_await get_row(&dependencies_.engine, records::second_factor_key(account), &records::decode_second_factor);
    if (!row) co_return failure(row.error());
    co_return std::move(*row).value_or(SecondFactor());
}

async::Awaitable<DirectoryResult<std::string>> SecondFactors::begin_totp(Identity owner) {
    const std::string secret = new_totp_secret(dependencies_.random);
    const auto account = co_await account_at(&dependencies_.engine, owner.address);
    if (!account) co_return failure(account.error());
    if (!*account || (*account)->id != owner.account) co_return failure(owner_changed());
    // No row of an account that is gone: it must still be there.
    const store::KeyAssertion exists{.key = records::account_key(owner.address), .value = records::encode(**account)};
    const std::string key = records::second_factor_key(owner.account);
    const auto decide = [&](std::optional<SecondFactor> row) -> DirectoryResult<store::Update> {
        SecondFactor factor = std::move(row).value_or(SecondFactor());
        if (factor.totp.confirmed) return failure(in_force_already());
        factor.totp = {.secret = secret};
        return store::Update{.operations = {store::Put{key, records::encode(factor)}}, .assertions = {exists}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_second_factor, decide);
    if (!updated) co_return failure(updated.error());
    co_return secret;
}

async::Awaitable<DirectoryResult<std::optional<std::vector<std::string>>>>
SecondFactors::confirm_totp(Identity owner, std::string code, std::string keep) {
    const auto before = co_await stored(owner.account);
    if (!before) co_return failure(before.error());
    if (before->totp.confirmed) co_return failure(in_force_already());
    if (before->totp.secret.empty())
        co_return failure(Error{.code = ErrorCode::not_found, .message = "no second factor was begun"});
    RecoveryCodes codes = RecoveryCodes::make(dependencies_.random);
    Change change{.factor = *before,
                  .same = {{.key = records::second_factor_key(owner.account), .value = records::encode(*before)}}};
    change.factor.totp.confirmed = true;
    if (!directory::use_code(change.factor, code, dependencies_.clock.now()))
        co_return std::optional<std::vector<std::string>>();
    change.factor.recovery_hashes = codes.hashes;
    const auto changed = co_await put_in_force(std::move(owner), std::move(change), std::move(keep));
    if (!changed) co_return failure(changed.error());
    co_return std::optional(std::move(codes.shown));
}

async::Awaitable<DirectoryResult<std::vector<std::string>>> SecondFactors::turn_on_passkeys(Identity owner,
                                                                                            std::string keep) {
    const std::string factor_key = records::second_factor_key(owner.account);
    const std::string passkeys_key = records::passkeys_key(owner.account);
    const auto before = co_await get_row(&dependencies_.engine, factor_key, &records::decode_second_factor);
    if (!before) co_return failure(before.error());
    const auto passkeys = co_await get_row(&dependencies_.engine, passkeys_key, &records::decode_passkeys);
    if (!passkeys) co_return failure(passkeys.error());
    if (!*passkeys) co_return failure(Error{.code = ErrorCode::not_found, .message = "there is no passkey"});
    if (*before && (*before)->in_force()) co_return failure(in_force_already());
    RecoveryCodes codes = RecoveryCodes::make(dependencies_.random);
    Change change{.factor = before->value_or(SecondFactor()),
                  .same = {{.key = factor_key, .value = std::nullopt},
                           {.key = passkeys_key, .value = records::encode(**passkeys)}}};
    if (*before) change.same.front().value = records::encode(**before);
    change.factor.totp = {};
    change.factor.by_passkeys = true;
    change.factor.recovery_hashes = codes.hashes;
    const auto changed = co_await put_in_force(std::move(owner), std::move(change), std::move(keep));
    if (!changed) co_return failure(changed.error());
    co_return std::move(codes.shown);
}

async::Awaitable<DirectoryResult<>> SecondFactors::put_in_force(Identity owner, Change change, std::string keep) {
    const auto account = co_await account_at(&dependencies_.engine, owner.address);
    if (!account) co_return failure(account.error());
    if (!*account || (*account)->id != owner.account) co_return failure(owner_changed());
    // Whoever has shown the password alone, and has not begun a session yet, has shown one of before.
    const std::string account_key = records::account_key(owner.address);
    Account changed = **account;
    ++changed.credentials_version;
    change.same.push_back({.key = account_key, .value = records::encode(**account)});
    const std::string factor_key = records::second_factor_key(owner.account);
    const std::string sessions_key = records::web_sessions_key(owner.account);
    const auto decide = [&](std::optional<std::vector<WebSession>> row) -> DirectoryResult<store::Update> {
        std::vector<WebSession> sessions = std::move(row).value_or(std::vector<WebSession>());
        std::erase_if(sessions, [&](const WebSession& each) { return each.id != keep; });
        store::Update update{.operations = {store::Put{account_key, records::encode(changed)},
                                            store::Put{factor_key, records::encode(change.factor)}},
                             .assertions = change.same};
        if (sessions.empty())
            update.operations.emplace_back(store::Delete{sessions_key});
        else
            update.operations.emplace_back(store::Put{sessions_key, records::encode(sessions)});
        return update;
    };
    const auto updated =
        co_await update_row(&dependencies_.engine, sessions_key, &records::decode_web_sessions, decide);
    if (!updated) co_return failure(updated.error());
    dependencies_.sessions.end_all(owner.account, keep);
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<bool>> SecondFactors::use_code(AccountId account, std::string code) {
    const std::string key = records::second_factor_key(account);
    bool counts = false;
    const auto decide = [&](std::optional<SecondFactor> row) -> DirectoryResult<store::Update> {
        counts = row && row->in_force() && directory::use_code(*row, code, dependencies_.clock.now());
        if (!counts) return store::Update();
        return store::Update{.operations = {store::Put{key, records::encode(*row)}}, .assertions = {}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_second_factor, decide);
    if (!updated) co_return failure(updated.error());
    co_return counts;
}

async::Awaitable<DirectoryResult<std::vector<std::string>>> SecondFactors::renew_recovery_codes(AccountId account) {
    const std::string key = records::second_factor_key(account);
    RecoveryCodes codes = RecoveryCodes::make(dependencies_.random);
    const auto decide = [&](std::optional<SecondFactor> row) -> DirectoryResult<store::Update> {
        if (!row || !row->in_force()) return failure(not_in_force());
        row->recovery_hashes = codes.hashes;
        return store::Update{.operations = {store::Put{key, records::encode(*row)}}, .assertions = {}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_second_factor, decide);
    if (!updated) co_return failure(updated.error());
    co_return std::move(codes.shown);
}

async::Awaitable<DirectoryResult<bool>> SecondFactors::remove(AccountId account) {
    const std::string key = records::second_factor_key(account);
    bool was_in_force = false;
    const auto decide = [&](std::optional<SecondFactor> row) -> DirectoryResult<store::Update> {
        was_in_force = row && row->in_force();
        if (!row) return store::Update();
        if (!row->required) return store::Update{.operations = {store::Delete{key}}, .assertions = {}};
        const SecondFactor wanted{.totp = {}, .required = true, .recovery_hashes = {}};
        return store::Update{.operations = {store::Put{key, records::encode(wanted)}}, .assertions = {}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_second_factor, decide);
    if (!updated) co_return failure(updated.error());
    co_return was_in_force;
}

async::Awaitable<DirectoryResult<bool>> SecondFactors::reset(AccountId account) {
    const std::string passkeys_key = records::passkeys_key(account);
    bool had_passkeys = false;
    const auto decide = [&](std::optional<std::vector<Passkey>> row) -> DirectoryResult<store::Update> {
        had_passkeys = row.has_value();
        if (!row) return store::Update();
        return store::Update{.operations = {store::Delete{passkeys_key}}, .assertions = {}};
    };
    // First the factor: no moment has one that nobody can show.
    const auto was_in_force = co_await remove(account);
    if (!was_in_force) co_return failure(was_in_force.error());
    const auto updated = co_await update_row(&dependencies_.engine, passkeys_key, &records::decode_passkeys, decide);
    if (!updated) co_return failure(updated.error());
    co_return *was_in_force || had_passkeys;
}

} // namespace tegami::directory
