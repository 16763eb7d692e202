#include "directory/local_domains.h"

#include "base/visible.h"
#include "directory/engine_access.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::directory {

namespace {

Error no_domain(const message::Domain& domain) {
    return {.code = ErrorCode::not_found, .message = fmt::format("there is no domain {}", domain.display())};
}

/// A variation selector is seen where it stands in a text, but not in an address.
bool has_unseen(const std::string& local_part) {
    return visible(local_part) != local_part || has_ignorable(local_part);
}

} // namespace

async::Awaitable<DirectoryResult<>> LocalDomains::load() {
    DomainTable table;
    const KeyRange all = records::all_domains();
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows) {
            std::optional<DomainSettings> domain = records::decode_domain(row.value);
            if (!domain) co_return failure(damaged(row.key));
            table.emplace(domain->name, *domain);
        }
    }
    publish([&table](DomainTable& now) { now = std::move(table); });
    co_return DirectoryResult<>();
}

std::shared_ptr<const DomainTable> LocalDomains::table() const {
    const std::lock_guard lock(mutex_);
    return table_;
}

bool LocalDomains::contains(const message::Domain& domain) const {
    return table()->contains(domain);
}

void LocalDomains::publish(const std::function<void(DomainTable&)>& change) {
    const std::lock_guard lock(mutex_);
    DomainTable next = *table_;
    change(next);
    table_ = std::make_shared<const DomainTable>(std::move(next));
}

std::optional<Error> LocalDomains::check_new_address(const EmailAddress& address) const {
    if (has_unseen(address.local_part))
        return Error{.code = ErrorCode::invalid,
                     .message = fmt::format("the address {} has characters that are not seen: write it without them",
                                            address.to_string())};
    if (contains(address.domain)) return std::nullopt;
    return Error{.code = ErrorCode::not_found,
                 .message = fmt::format("{0} is not a domain of this server: add it first (tegami domain add {0})",
                                        address.domain.display())};
}

async::Awaitable<DirectoryResult<>> LocalDomains::add(DomainSettings domain) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
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

async::Awaitable<DirectoryResult<>> LocalDomains::set(DomainSettings domain) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const std::string key = records::domain_key(domain.name);
    const auto decide = [&](const std::optional<DomainSettings>& there) -> DirectoryResult<store::Update> {
        if (!there) return failure(no_domain(domain.name));
        return store::Update{.operations = {store::Put{key, records::encode(domain)}}, .assertions = {}};
    };
    const auto updated = co_await update_row(&engine_, key, &records::decode_domain, decide);
    if (updated) publish([&domain](DomainTable& table) { table.insert_or_assign(domain.name, domain); });
    co_return updated;
}

async::Awaitable<DirectoryResult<>> LocalDomains::remove(message::Domain domain) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const std::string key = records::domain_key(domain);
    for (int attempt = 0; attempt < store::kCommitAttemptsMax; ++attempt) {
        const auto row = co_await get_row(&engine_, key, &records::decode_domain);
        if (!row) co_return failure(row.error());
        if (!*row) co_return failure(no_domain(domain));
        store::Version version{};
        std::string_view what = "accounts";
        for (const KeyRange& names : {records::accounts_of(domain), records::aliases_of(domain)}) {
            store::Range range{.begin = names.begin, .end = names.end, .rows_max = 1};
            const auto page = co_await engine_.scan(kShard, range);
            if (!page) co_return failure(from_store(page.error()));
            if (!page->rows.empty())
                co_return failure(
                    Error{ErrorCode::in_use,
                          fmt::format("the domain {0} still has {1}: remove them first (tegami {2} list --domain {0})",
                                      domain.display(), what, what == "accounts" ? "account" : "alias")});
            what = "aliases";
            // The lower version of the two scans: any change after the first makes the commit a conflict.
            version = version == store::Version{} ? page->version : std::min(version, page->version);
        }
        store::Batch batch{.domain = kShard, .expected = version, .operations = {store::Delete{key}}};
        const KeyRange signing_keys = records::signing_keys_of(domain);
        batch.operations.emplace_back(store::DeleteRange{signing_keys.begin, signing_keys.end});
        const auto committed = co_await engine_.commit(std::move(batch));
        if (is_conflict(committed)) continue;
        if (!committed) co_return failure(from_store(committed.error()));
        publish([&domain](DomainTable& table) { table.erase(domain); });
        co_return DirectoryResult<>();
    }
    co_return failure(busy());
}

} // namespace tegami::directory
