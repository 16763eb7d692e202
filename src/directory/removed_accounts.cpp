#include "directory/removed_accounts.h"

#include "directory/engine_access.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::directory {

namespace {

Error no_account(const EmailAddress& address) {
    return {.code = ErrorCode::not_found, .message = fmt::format("there is no account {}", address.display())};
}

/// The accounts of these rows, as far as they can be read.
std::vector<RemovedAccount> readable(const std::vector<store::Row>& rows) {
    std::vector<RemovedAccount> accounts;
    for (const store::Row& row : rows) {
        const std::optional<AccountId> id = records::decode_id_key(row.key);
        auto removed = id ? records::decode_removed_account(*id, row.value) : std::nullopt;
        if (removed) accounts.push_back(*std::move(removed));
    }
    return accounts;
}

} // namespace

async::Awaitable<DirectoryResult<>> RemovedAccounts::remove(EmailAddress address) {
    if (retention_ == Duration::zero()) {
        co_return co_await erase(std::move(address));
    }
    AccountId id;
    const auto taken = co_await take_out(std::move(address), false, &id);
    if (!taken) co_return failure(taken.error());
    dependencies_.store.hide_account(id, true);
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> RemovedAccounts::erase(EmailAddress address) {
    AccountId id;
    const auto taken = co_await take_out(address, true, &id);
    if (taken) co_return co_await finish_erasing(id);
    if (taken.error().code != ErrorCode::not_found) co_return failure(taken.error());
    const auto removed = co_await with(address);
    if (!removed) co_return failure(removed.error());
    if (removed->empty()) co_return failure(no_account(address));
    for (const RemovedAccount& each : *removed) {
        const auto erased = co_await begin_erasing(each);
        if (!erased) co_return failure(erased.error());
    }
    co_return DirectoryResult<>();
}

/// Makes an x row of the account with this address.
async::Awaitable<DirectoryResult<>> RemovedAccounts::take_out(EmailAddress address, bool erasing, AccountId* id) {
    const std::string key = records::account_key(address);
    const auto decide = [&](std::optional<Account> account) -> DirectoryResult<store::Update> {
        if (!account) return failure(no_account(address));
        const RemovedAccount removed{
            .account = *std::move(account), .removed = dependencies_.clock.now(), .erasing = erasing};
        *id = removed.account.id;
        return store::Update{.operations = {store::Delete{key}, store::Delete{records::id_key(*id)},
                                            store::Delete{records::web_sessions_key(*id)},
                                            store::Delete{records::push_subscriptions_key(*id)},
                                            store::Delete{records::role_key(*id)},
                                            store::Put{records::removal_key(*id), records::encode(removed)}},
                             .assertions = {}};
    };
    const auto taken = co_await update_row(&engine_, key, &records::decode_account, decide);
    if (!taken) co_return taken;
    co_await dependencies_.roles.forget(*id);
    dependencies_.sessions.end_all(*id);
    co_return taken;
}

async::Awaitable<DirectoryResult<>> RemovedAccounts::begin_erasing(RemovedAccount removed) {
    const std::string key = records::removal_key(removed.account.id);
    store::Batch batch{.domain = kShard, .assertions = {{.key = key, .value = records::encode(removed)}}};
    removed.erasing = true;
    batch.operations.push_back(store::Put{key, records::encode(removed)});
    const auto committed = co_await engine_.commit(std::move(batch));
    if (is_conflict(committed)) co_return DirectoryResult<>(); // it has come back, or somebody else erases it
    if (!committed) co_return failure(from_store(committed.error()));
    co_return co_await finish_erasing(removed.account.id);
}

async::Awaitable<DirectoryResult<>> RemovedAccounts::finish_erasing(AccountId account) {
    const auto erased = co_await dependencies_.store.remove_account(account);
    // Gone already: a crash came between this and the commit below.
    if (!erased && erased.error().code != store::ErrorCode::not_found)
        co_return failure(Error{ErrorCode::unavailable,
                                fmt::format("the account is removed, but its mail is not yet: {}; the next start of "
                                            "the server tries again",
                                            erased.error().detail)});
    store::Batch batch{
        .domain = kShard,
        .operations = {
            store::Delete{records::removal_key(account)}, store::Delete{records::credentials_key(account)},
            store::Delete{records::known_networks_key(account)}, store::Delete{records::app_passwords_key(account)},
            store::Delete{records::second_factor_key(account)}, store::Delete{records::passkeys_key(account)}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (!committed) co_return failure(from_store(committed.error()));
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> RemovedAccounts::list(std::string from,
                                                                                 std::size_t count_max) {
    const KeyRange all = records::all_removals();
    if (from < all.begin || from >= all.end) from = all.begin;
    Listing<RemovedAccount> listing;
    // Rows that are being erased do not make a page shorter.
    while (listing.items.size() < count_max) {
        store::Scan scan(&engine_, kShard,
                         {.begin = std::move(from),
                          .end = all.end,
                          .rows_max = count_max - listing.items.size(),
                          .around_damage = true});
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (RemovedAccount& removed : readable(page->rows)) {
            const bool kept = !removed.erasing && removed.removed + retention_ > dependencies_.clock.now();
            if (kept) listing.items.push_back(std::move(removed));
        }
        if (!scan.more()) co_return listing;
        from = scan.position();
    }
    listing.next = std::move(from);
    co_return listing;
}

async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>> RemovedAccounts::with(EmailAddress address) {
    const std::string key = records::account_key(address);
    std::vector<RemovedAccount> found;
    std::string from;
    do {
        auto page = co_await list(std::move(from), 1000);
        if (!page) co_return failure(page.error());
        for (RemovedAccount& removed : page->items)
            if (records::account_key(removed.account.address) == key) found.push_back(std::move(removed));
        from = std::move(page->next);
    } while (!from.empty());
    std::ranges::sort(found, {}, &RemovedAccount::removed);
    co_return found;
}

async::Awaitable<DirectoryResult<Account>> RemovedAccounts::restore(EmailAddress address,
                                                                    std::optional<EmailAddress> as) {
    if (as)
        if (const auto error = dependencies_.domains.check_new_address(*as)) co_return failure(*error);
    const EmailAddress wanted = as.value_or(address);
    const std::string key = records::account_key(wanted);
    const std::string alias_key = records::alias_key(wanted);
    for (int attempt = 0; attempt < store::kCommitAttemptsMax; ++attempt) {
        const auto found = co_await with(address);
        if (!found) co_return failure(found.error());
        if (found->empty())
            co_return failure(
                Error{ErrorCode::not_found, fmt::format("there is no account {} to bring back: tegami account list "
                                                        "--removed shows those there are",
                                                        address.display())});
        const std::shared_ptr<const DomainTable> table = dependencies_.domains.table();
        const auto domain = table->find(wanted.domain);
        if (domain == table->end()) co_return failure(*dependencies_.domains.check_new_address(wanted));
        for (const std::string& taken : {key, alias_key}) {
            const auto row = co_await engine_.get(kShard, taken);
            if (!row) co_return failure(from_store(row.error()));
            if (*row)
                co_return failure(Error{ErrorCode::exists,
                                        fmt::format("{} is in use: the removed account can come back under another "
                                                    "address, with --as",
                                                    wanted.display())});
        }
        const RemovedAccount& removed = found->back();
        Account account = removed.account;
        if (as) account.address = *as;
        const std::string removal_key = records::removal_key(account.id);
        store::Batch batch{
            .domain = kShard,
            .assertions = {{.key = key},
                           {.key = alias_key},
                           {.key = removal_key, .value = records::encode(removed)},
                           {.key = records::domain_key(wanted.domain), .value = records::encode(domain->second)}},
            .operations = {store::Delete{removal_key}, store::Put{key, records::encode(account)},
                           store::Put{records::id_key(account.id), records::encode(account.address)}}};
        const auto committed = co_await engine_.commit(std::move(batch));
        if (is_conflict(committed)) continue;
        if (!committed) co_return failure(from_store(committed.error()));
        dependencies_.store.hide_account(account.id, false);
        co_return account;
    }
    co_return failure(busy());
}

async::Awaitable<DirectoryResult<>> RemovedAccounts::begin() {
    const KeyRange all = records::all_removals();
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end, .around_damage = true});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const RemovedAccount& removed : readable(page->rows)) {
            if (!removed.erasing) {
                dependencies_.store.hide_account(removed.account.id, true);
                continue;
            }
            const auto finished = co_await finish_erasing(removed.account.id);
            if (!finished) co_return failure(finished.error());
        }
    }
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> RemovedAccounts::sweep() {
    const KeyRange all = records::all_removals();
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end, .around_damage = true});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const RemovedAccount& removed : readable(page->rows)) {
            const bool over = !removed.erasing && removed.removed + retention_ <= dependencies_.clock.now();
            if (!over) continue;
            const auto erased = co_await begin_erasing(removed);
            if (!erased) co_return failure(erased.error());
        }
    }
    co_return DirectoryResult<>();
}

} // namespace tegami::directory
