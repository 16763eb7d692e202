// The part of Directory that changes things: domains, accounts, passwords, aliases.
#include "directory/directory.h"
#include "directory/engine_access.h"

#include "async/worker_pool.h"

#include <fmt/format.h>

namespace tegami::directory {

namespace {

Error not_found(std::string_view what, const EmailAddress& address) {
    return {.code = ErrorCode::not_found, .message = fmt::format("there is no {} {}", what, address.display())};
}

bool is_conflict(const store::StoreResult<store::Version>& committed) {
    return !committed && committed.error().code == store::ErrorCode::conflict;
}

} // namespace

std::optional<Error> check_new_password(std::string_view password) {
    if (password.empty()) return Error{.code = ErrorCode::invalid, .message = "the password is empty"};
    if (password.size() > kNewPasswordBytesMax)
        return Error{.code = ErrorCode::invalid,
                     .message = fmt::format("the password is longer than {} octets", kNewPasswordBytesMax)};
    if (!sasl::prepare_password(password))
        return Error{.code = ErrorCode::invalid,
                     .message = "the password must be UTF-8 text without control characters"};
    return std::nullopt;
}

async::Awaitable<DirectoryResult<>> Directory::add_domain(DomainSettings domain) {
    const std::string key = records::domain_key(domain.name);
    store::Batch batch{
        .domain = kShard, .assertions = {{.key = key}}, .operations = {store::Put{key, records::encode(domain)}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (is_conflict(committed))
        co_return failure(Error{ErrorCode::exists, fmt::format("the domain {} exists already", domain.name.display())});
    if (!committed) co_return failure(from_store(committed.error()));
    publish([&domain](DomainTable& table) { table.insert_or_assign(domain.name, domain); });
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> Directory::remove_domain(message::Domain domain) {
    const std::string key = records::domain_key(domain);
    for (int attempt = 0; attempt < store::kCommitAttemptsMax; ++attempt) {
        const auto row = co_await get_row(&engine_, key, &records::decode_domain);
        if (!row) co_return failure(row.error());
        if (!*row)
            co_return failure(Error{ErrorCode::not_found, fmt::format("there is no domain {}", domain.display())});
        store::Version version{};
        for (const KeyRange& names : {records::accounts_of(domain), records::aliases_of(domain)}) {
            store::Range range{.begin = names.begin, .end = names.end, .rows_max = 1};
            const auto page = co_await engine_.scan(kShard, range);
            if (!page) co_return failure(from_store(page.error()));
            if (!page->rows.empty())
                co_return failure(Error{
                    ErrorCode::in_use,
                    fmt::format("the domain {} still has accounts or aliases: remove them first", domain.display())});
            // The lower version of the two scans: any change after the first makes the commit a conflict.
            version = version == store::Version{} ? page->version : std::min(version, page->version);
        }
        store::Batch batch{.domain = kShard, .expected = version, .operations = {store::Delete{key}}};
        const auto committed = co_await engine_.commit(std::move(batch));
        if (is_conflict(committed)) continue;
        if (!committed) co_return failure(from_store(committed.error()));
        publish([&domain](DomainTable& table) { table.erase(domain); });
        co_return DirectoryResult<>();
    }
    co_return failure(busy());
}

std::optional<Error> Directory::check_new_address(const EmailAddress& address) const {
    if (is_local(address.domain)) return std::nullopt;
    return Error{.code = ErrorCode::not_found,
                 .message = fmt::format("{0} is not a domain of this server: add it first (tegami domain add {0})",
                                        address.domain.display())};
}

async::Awaitable<DirectoryResult<Account>> Directory::add_account(NewAccount account) {
    std::vector<NewAccount> accounts;
    accounts.push_back(std::move(account));
    std::vector<DirectoryResult<Account>> added = co_await add_accounts(std::move(accounts));
    co_return std::move(added.front());
}

async::Awaitable<DirectoryResult<>> Directory::update_account(EmailAddress address,
                                                              std::function<void(Account&)> change,
                                                              std::optional<Credentials> new_credentials) {
    std::optional<AccountId> ends; // whose sessions
    const auto decide = [&](std::optional<Account> account) -> DirectoryResult<store::Update> {
        if (!account) return failure(not_found("account", address));
        change(*account);
        ends.reset();
        if (new_credentials || !account->enabled) ends = account->id;
        store::Update update;
        update.operations.emplace_back(store::Put{records::account_key(address), records::encode(*account)});
        if (new_credentials)
            update.operations.emplace_back(
                store::Put{records::credentials_key(account->id), records::encode(*new_credentials)});
        return update;
    };
    const auto updated = co_await update_row(&engine_, records::account_key(address), &records::decode_account, decide);
    if (updated && ends) sessions_.end_all(*ends);
    co_return updated;
}

async::Awaitable<DirectoryResult<>> Directory::set_password(EmailAddress address, std::string password) {
    if (const auto error = check_new_password(password)) co_return failure(*error);
    // Before the costly part, so that a typing error is told at once.
    const auto found = co_await account_at(address);
    if (!found) co_return failure(found.error());
    if (!*found) co_return failure(not_found("account", address));
    const Salts salts = Salts::make(random_);
    auto derive = [password, salts, cost = options_.cost] { return derive_credentials(password, salts, cost); };
    const Credentials credentials = co_await async::run(&workers_, std::move(derive));
    co_return co_await update_account(address, [](Account& account) { ++account.credentials_version; }, credentials);
}

async::Awaitable<DirectoryResult<>> Directory::set_enabled(EmailAddress address, bool enabled) {
    co_return co_await update_account(
        address, [enabled](Account& account) { account.enabled = enabled; }, std::nullopt);
}

async::Awaitable<DirectoryResult<>> Directory::check_target(EmailAddress alias, EmailAddress target) {
    if (address_key(alias) == address_key(target))
        co_return failure(Error{ErrorCode::invalid, fmt::format("{} cannot stand for itself", alias.display())});
    const auto resolution = co_await resolve(target);
    if (!resolution) co_return failure(resolution.error());
    if (std::holds_alternative<UnknownUser>(*resolution)) co_return failure(not_found("account or alias", target));
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> Directory::add_alias(Alias alias) {
    if (const auto error = check_new_address(alias.address)) co_return failure(*error);
    if (alias.targets.empty() || alias.targets.size() > kAliasTargetsMax)
        co_return failure(Error{ErrorCode::invalid, fmt::format("an alias needs 1 to {} targets", kAliasTargetsMax)});
    for (const EmailAddress& target : alias.targets) {
        const auto checked = co_await check_target(alias.address, target);
        if (!checked) co_return failure(checked.error());
    }
    const std::string key = records::alias_key(alias.address);
    const std::string account_key = records::account_key(alias.address);
    const std::shared_ptr<const DomainTable> table = domains();
    const auto domain = table->find(alias.address.domain);
    if (domain == table->end()) co_return failure(*check_new_address(alias.address));
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

async::Awaitable<DirectoryResult<>> Directory::remove_alias(EmailAddress address) {
    const std::string key = records::alias_key(address);
    const auto found = co_await alias_at(address);
    if (!found) co_return failure(found.error());
    if (!*found) co_return failure(not_found("alias", address));
    store::Batch batch{.domain = kShard, .operations = {store::Delete{key}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (!committed) co_return failure(from_store(committed.error()));
    co_return DirectoryResult<>();
}

} // namespace tegami::directory
