#include "directory/engine_administration.h"

#include "async/worker_pool.h"
#include "directory/engine_access.h"
#include "directory/foreign_hash.h"

#include <fmt/format.h>

namespace tegami::directory {

namespace {

Error not_found(std::string_view what, const EmailAddress& address) {
    return {.code = ErrorCode::not_found, .message = fmt::format("there is no {} {}", what, address.display())};
}

} // namespace

std::shared_ptr<const DomainTable> EngineAdministration::domains() const {
    return dependencies_.domains.table();
}

async::Awaitable<DirectoryResult<>> EngineAdministration::add_domain(DomainSettings domain) {
    return dependencies_.domains.add(std::move(domain));
}

async::Awaitable<DirectoryResult<>> EngineAdministration::set_domain(DomainSettings domain) {
    return dependencies_.domains.set(std::move(domain));
}

async::Awaitable<DirectoryResult<>> EngineAdministration::remove_domain(message::Domain domain) {
    const auto removed = co_await dependencies_.domains.remove(domain);
    if (!removed) co_return removed;
    dependencies_.signing_keys.forget(domain);
    co_return co_await dependencies_.roles.forget_domain(std::move(domain));
}

async::Awaitable<DirectoryResult<std::optional<Account>>> EngineAdministration::account_at(EmailAddress address) {
    return directory::account_at(&engine_, std::move(address));
}

async::Awaitable<DirectoryResult<Account>> EngineAdministration::add_account(NewAccount account) {
    std::vector<NewAccount> accounts;
    accounts.push_back(std::move(account));
    std::vector<DirectoryResult<Account>> added = co_await dependencies_.new_accounts.add(std::move(accounts));
    co_return std::move(added.front());
}

async::Awaitable<std::vector<std::optional<Error>>>
EngineAdministration::import_accounts(std::vector<ImportEntry> entries) {
    return dependencies_.new_accounts.import(std::move(entries));
}

async::Awaitable<DirectoryResult<Account>> EngineAdministration::restore_account(StoredAccount stored) {
    return dependencies_.new_accounts.restore(std::move(stored));
}

async::Awaitable<DirectoryResult<>>
EngineAdministration::update_account(EmailAddress address, std::function<void(Account&)> change,
                                     std::optional<StoredCredentials> new_credentials,
                                     std::vector<store::KeyAssertion> provided) {
    std::optional<AccountId> ends; // whose sessions
    const auto decide = [&](std::optional<Account> account) -> DirectoryResult<store::Update> {
        if (!account) return failure(not_found("account", address));
        change(*account);
        ends.reset();
        if (new_credentials || !account->enabled) ends = account->id;
        store::Update update{.operations = {}, .assertions = provided};
        update.operations.emplace_back(store::Put{records::account_key(address), records::encode(*account)});
        if (new_credentials)
            update.operations.emplace_back(
                store::Put{records::credentials_key(account->id), records::encode(*new_credentials)});
        if (ends) update.operations.emplace_back(store::Delete{records::web_sessions_key(account->id)});
        if (!account->enabled)
            update.operations.emplace_back(store::Delete{records::push_subscriptions_key(account->id)});
        return update;
    };
    const auto updated = co_await update_row(&engine_, records::account_key(address), &records::decode_account, decide);
    if (updated && ends) dependencies_.sessions.end_all(*ends);
    co_return updated;
}

async::Awaitable<DirectoryResult<>> EngineAdministration::set_password(EmailAddress address, std::string password) {
    if (const auto error = check_new_password(password)) co_return failure(*error);
    // Before the costly part, so that a typing error is told at once.
    const auto found = co_await account_at(address);
    if (!found) co_return failure(found.error());
    if (!*found) co_return failure(not_found("account", address));
    const AccountId id = (*found)->id;
    Salts fresh = Salts::make(dependencies_.random);
    auto with = co_await deriving_for(&engine_, id, std::move(fresh), dependencies_.cost);
    if (!with) co_return failure(with.error());
    // No app password is made meanwhile that shares what the password has left.
    std::vector<store::KeyAssertion> provided;
    if (!with->shared) provided.push_back({.key = records::app_passwords_key(id), .value = std::nullopt});
    auto derive = [password, with = *std::move(with)] { return derive_credentials(password, with.salts, with.cost); };
    const StoredCredentials credentials = co_await async::run(&dependencies_.workers, std::move(derive));
    const auto change = [](Account& account) {
        ++account.credentials_version;
        account.foreign_hash.clear();
    };
    co_return co_await update_account(address, change, credentials, std::move(provided));
}

async::Awaitable<DirectoryResult<>> EngineAdministration::set_password_hash(EmailAddress address, std::string hash) {
    if (const auto clear = clear_password(hash)) {
        std::string password(*clear);
        co_return co_await set_password(std::move(address), std::move(password));
    }
    CO_TRY(const ForeignHash foreign, parse_foreign_hash(hash));
    const auto change = [scheme = foreign.scheme](Account& account) {
        ++account.credentials_version;
        account.foreign_hash = scheme;
    };
    co_return co_await update_account(address, change, StoredCredentials{.hash = foreign.stored, .scram = {}});
}

async::Awaitable<DirectoryResult<>> EngineAdministration::set_enabled(EmailAddress address, bool enabled) {
    co_return co_await update_account(
        address, [enabled](Account& account) { account.enabled = enabled; }, std::nullopt);
}

/// First the store, which holds to it: the row is what is listed, and what a repair goes by.
async::Awaitable<DirectoryResult<>> EngineAdministration::set_quota(EmailAddress address, std::uint64_t bytes) {
    const auto found = co_await account_at(address);
    if (!found) co_return failure(found.error());
    if (!*found) co_return failure(not_found("account", address));
    const auto opened = co_await dependencies_.store.account((*found)->id);
    if (!opened) co_return failure(from_store(opened.error()));
    store::Quota quota = (*opened)->quota().limit;
    quota.bytes_max = bytes;
    const auto set = co_await (*opened)->set_quota(quota);
    if (!set) co_return failure(from_store(set.error()));
    co_return co_await update_account(
        address, [bytes](Account& account) { account.quota_bytes = bytes; }, std::nullopt);
}

async::Awaitable<DirectoryResult<>> EngineAdministration::remove_account(EmailAddress address) {
    return dependencies_.removed_accounts.remove(std::move(address));
}

async::Awaitable<DirectoryResult<>> EngineAdministration::erase_account(EmailAddress address) {
    return dependencies_.removed_accounts.erase(std::move(address));
}

async::Awaitable<DirectoryResult<Account>> EngineAdministration::restore_account(EmailAddress address,
                                                                                 std::optional<EmailAddress> as) {
    return dependencies_.removed_accounts.restore(std::move(address), std::move(as));
}

async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>>
EngineAdministration::removed_with(EmailAddress address) {
    return dependencies_.removed_accounts.with(std::move(address));
}

Duration EngineAdministration::retention() const {
    return dependencies_.removed_accounts.retention();
}

async::Awaitable<DirectoryResult<>> EngineAdministration::sweep() {
    return dependencies_.removed_accounts.sweep();
}

async::Awaitable<DirectoryResult<std::optional<Alias>>> EngineAdministration::alias_at(EmailAddress address) {
    return directory::alias_at(&engine_, std::move(address));
}

async::Awaitable<DirectoryResult<>> EngineAdministration::check_target(EmailAddress alias, EmailAddress target) {
    if (address_key(alias) == address_key(target))
        co_return failure(Error{ErrorCode::invalid, fmt::format("{} cannot stand for itself", alias.display())});
    const auto resolution = co_await dependencies_.lookup.resolve(target);
    if (!resolution) co_return failure(resolution.error());
    if (std::holds_alternative<UnknownUser>(*resolution)) co_return failure(not_found("account or alias", target));
    // An alias that was removed may still be a target of others; until it exists again a catch-all hides that.
    const auto then = co_await dependencies_.lookup.resolve_target(alias, target);
    if (!then) co_return failure(then.error());
    if (std::holds_alternative<UnknownUser>(*then))
        co_return failure(Error{ErrorCode::invalid, fmt::format("{} leads back to {} and to nobody else",
                                                                target.display(), alias.display())});
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> EngineAdministration::add_alias(Alias alias) {
    if (const auto error = dependencies_.domains.check_new_address(alias.address)) co_return failure(*error);
    if (alias.targets.empty() || alias.targets.size() > kAliasTargetsMax)
        co_return failure(Error{ErrorCode::invalid, fmt::format("an alias needs 1 to {} targets", kAliasTargetsMax)});
    for (const EmailAddress& target : alias.targets) {
        const auto checked = co_await check_target(alias.address, target);
        if (!checked) co_return failure(checked.error());
    }
    const std::string key = records::alias_key(alias.address);
    const std::string account_key = records::account_key(alias.address);
    const std::shared_ptr<const DomainTable> table = dependencies_.domains.table();
    const auto domain = table->find(alias.address.domain);
    if (domain == table->end()) co_return failure(*dependencies_.domains.check_new_address(alias.address));
    store::Batch batch{
        .domain = kShard,
        .assertions = {{.key = key},
                       {.key = account_key},
                       {.key = records::domain_key(alias.address.domain), .value = records::encode(domain->second)}},
        .operations = {store::Put{key, records::encode(alias)}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (is_conflict(committed))
        co_return failure(Error{ErrorCode::exists, fmt::format("{} exists already", alias.address.display())});
    if (!committed) co_return failure(from_store(committed.error()));
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> EngineAdministration::remove_alias(EmailAddress address) {
    const std::string key = records::alias_key(address);
    const auto found = co_await directory::alias_at(&engine_, address);
    if (!found) co_return failure(found.error());
    if (!*found) co_return failure(not_found("alias", address));
    store::Batch batch{.domain = kShard, .operations = {store::Delete{key}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (!committed) co_return failure(from_store(committed.error()));
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<Listing<Account>>>
EngineAdministration::list_accounts(std::optional<message::Domain> domain, std::string from, std::size_t count_max) {
    return list_rows(&engine_, records::accounts_of(domain), std::move(from), count_max, &records::decode_account);
}

async::Awaitable<DirectoryResult<Listing<Alias>>>
EngineAdministration::list_aliases(std::optional<message::Domain> domain, std::string from, std::size_t count_max) {
    return list_rows(&engine_, records::aliases_of(domain), std::move(from), count_max, &records::decode_alias);
}

async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> EngineAdministration::list_removed(std::string from,
                                                                                              std::size_t count_max) {
    return dependencies_.removed_accounts.list(std::move(from), count_max);
}

} // namespace tegami::directory
