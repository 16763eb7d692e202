#include "directory/app_passwords.h"

#include "async/worker_pool.h"
#include "directory/engine_access.h"
#include "directory/web_session.h"
#include "protocol/sasl/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

constexpr std::size_t kAppPasswordIdLength = 8;

store::Operation kept(const std::string& key, const StoredAppPasswords& stored) {
    if (stored.passwords.empty()) return store::Delete{key};
    return store::Put{key, records::encode(stored)};
}

} // namespace

/// What a new one shares with the other secrets of the account.
async::Awaitable<DirectoryResult<StoredAppPasswords>> AppPasswords::shared_with(Account account) {
    auto there = co_await stored(account.id);
    if (!there) co_return failure(there.error());
    if (*there) co_return **std::move(there);
    const std::string key = records::credentials_key(account.id);
    const auto own = co_await get_row(&dependencies_.engine, key, &records::decode_credentials);
    if (!own) co_return failure(own.error());
    if (*own && !(*own)->is_foreign())
        co_return StoredAppPasswords{
            .salt = (*own)->scram.salt, .iterations = (*own)->scram.iterations, .passwords = {}};
    // What SCRAM has shown of it so far.
    const ScramDecoy decoy = dependencies_.credentials.scram_decoy();
    co_return StoredAppPasswords{.salt = sasl::invented_salt(decoy.salt_secret, address_key(account.address)),
                                 .iterations = decoy.iterations,
                                 .passwords = {}};
}

async::Awaitable<DirectoryResult<AppPasswords::Made>> AppPasswords::add(EmailAddress address, AppPasswordWish wish) {
    if (const auto error = check_wish(wish)) co_return failure(*error);
    const auto account = co_await account_at(&dependencies_.engine, address);
    if (!account) co_return failure(account.error());
    if (!*account)
        co_return failure(
            Error{.code = ErrorCode::not_found, .message = fmt::format("there is no account {}", address.display())});
    const AccountId id = (*account)->id;
    const auto shared = co_await shared_with(**account);
    if (!shared) co_return failure(shared.error());
    std::string secret = generate_app_password(wish, id, dependencies_.random);
    auto derive = [secret, salt = shared->salt, iterations = shared->iterations] {
        return sasl::derive_scram_keys(secret, salt, iterations);
    };
    const sasl::ScramKeys keys = co_await async::run(&dependencies_.workers, std::move(derive));
    AppPassword made{.id = dependencies_.random.token(kAppPasswordIdLength),
                     .wish = std::move(wish),
                     .made = dependencies_.clock.now(),
                     .hash = hash_app_password(keys.salt, *app_password_letters(secret)),
                     .stored_key = keys.stored_key,
                     .server_key = keys.server_key};
    // The account as it was: no row of one that is gone, and no salt that its password has left meanwhile.
    const store::KeyAssertion same{.key = records::account_key(address), .value = records::encode(**account)};
    const std::string key = records::app_passwords_key(id);
    const auto decide = [&](std::optional<StoredAppPasswords> row) -> DirectoryResult<store::Update> {
        StoredAppPasswords all = std::move(row).value_or(
            StoredAppPasswords{.salt = keys.salt, .iterations = keys.iterations, .passwords = {}});
        if (all.salt != keys.salt || all.iterations != keys.iterations) return failure(busy());
        if (all.passwords.size() >= kAppPasswordsMax)
            return failure(
                Error{.code = ErrorCode::invalid,
                      .message = fmt::format("the account has {} app passwords: remove one first", kAppPasswordsMax)});
        all.passwords.push_back(made);
        return store::Update{.operations = {kept(key, all)}, .assertions = {same}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_app_passwords, decide);
    if (!updated) co_return failure(updated.error());
    co_return Made{.password = std::move(made), .secret = std::move(secret)};
}

async::Awaitable<DirectoryResult<std::optional<StoredAppPasswords>>> AppPasswords::stored(AccountId account) {
    co_return co_await get_row(&dependencies_.engine, records::app_passwords_key(account),
                               &records::decode_app_passwords);
}

async::Awaitable<DirectoryResult<std::vector<AppPassword>>> AppPasswords::list(AccountId account) {
    auto row = co_await stored(account);
    if (!row) co_return failure(row.error());
    if (!*row) co_return std::vector<AppPassword>();
    co_return std::move((*row)->passwords);
}

async::Awaitable<DirectoryResult<bool>> AppPasswords::remove(AccountId account, std::string id) {
    const std::string key = records::app_passwords_key(account);
    bool removed = false;
    const auto decide = [&](std::optional<StoredAppPasswords> row) -> DirectoryResult<store::Update> {
        removed = row && std::erase_if(row->passwords, [&](const AppPassword& each) { return each.id == id; }) != 0;
        if (!removed) return store::Update();
        return store::Update{.operations = {kept(key, *row)}, .assertions = {}};
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_app_passwords, decide);
    if (!updated) co_return failure(updated.error());
    if (removed) dependencies_.sessions.end_app_password(account, id);
    co_return removed;
}

async::Awaitable<DirectoryResult<std::optional<AppPassword>>> AppPasswords::find(AccountId account, std::string shown) {
    const std::optional<AppPassword> none;
    const auto letters = app_password_letters(shown);
    if (!letters) co_return none;
    auto row = co_await stored(account);
    if (!row) co_return failure(row.error());
    if (!*row) co_return none;
    const std::string hash = hash_app_password((*row)->salt, *letters);
    for (AppPassword& each : (*row)->passwords)
        if (sasl::equal_in_constant_time(each.hash, hash)) co_return std::optional(std::move(each));
    co_return none;
}

async::Awaitable<DirectoryResult<>> AppPasswords::note_use(AccountId account, std::string id, std::string network) {
    const std::string key = records::app_passwords_key(account);
    const auto decide = [&, day = day_of(dependencies_.clock.now())](
                            std::optional<StoredAppPasswords> row) -> DirectoryResult<store::Update> {
        if (!row) return store::Update();
        const auto used = std::ranges::find(row->passwords, id, &AppPassword::id);
        if (used == row->passwords.end() || used->used_day == day) return store::Update();
        used->used_day = day;
        used->used_from = network;
        return store::Update{.operations = {kept(key, *row)}, .assertions = {}};
    };
    co_return co_await update_row(&dependencies_.engine, key, &records::decode_app_passwords, decide);
}

} // namespace tegami::directory
