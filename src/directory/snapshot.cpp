#include "directory/snapshot.h"

#include "directory/engine_access.h"

namespace tegami::directory {

async::Awaitable<DirectoryResult<std::optional<StoredAccount>>> stored_account(store::Engine* engine,
                                                                               EmailAddress address) {
    const auto account = co_await get_row(engine, records::account_key(address), &records::decode_account);
    if (!account) co_return failure(account.error());
    if (!*account) co_return std::nullopt;
    const std::string key = records::credentials_key((*account)->id);
    const auto credentials = co_await get_row(engine, key, &records::decode_credentials);
    if (!credentials) co_return failure(credentials.error());
    if (!*credentials) co_return failure(damaged(key));
    const auto domain = co_await get_row(engine, records::domain_key(address.domain), &records::decode_domain);
    if (!domain) co_return failure(domain.error());
    co_return StoredAccount{.account = **account,
                            .credentials = **credentials,
                            .domain = domain->value_or(DomainSettings{.name = address.domain, .catch_all = {}})};
}

async::Awaitable<DirectoryResult<Listing<Account>>> stored_accounts(store::Engine* engine, std::string from,
                                                                    std::size_t count_max) {
    const KeyRange keys = records::accounts_of(std::nullopt);
    if (from < keys.begin || from >= keys.end) from = keys.begin;
    store::Scan scan(engine, kShard, {.begin = std::move(from), .end = keys.end, .rows_max = count_max});
    const auto page = co_await scan.next();
    if (!page) co_return failure(from_store(page.error()));
    Listing<Account> listing;
    for (const store::Row& row : page->rows) {
        auto account = records::decode_account(row.value);
        if (!account) co_return failure(damaged(row.key));
        listing.items.push_back(*std::move(account));
    }
    if (scan.more()) listing.next = scan.position();
    co_return listing;
}

} // namespace tegami::directory
