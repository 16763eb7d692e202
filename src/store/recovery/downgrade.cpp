#include "store/recovery/downgrade.h"

#include "store/account_records.h"
#include "store/page_records.h"

#include <optional>
#include <string>
#include <utility>

namespace tegami::store {

namespace {

constexpr std::size_t kRowsAtOnce = 20; // an X record may hold a page of messages
constexpr std::size_t kDomainsAtOnce = 500;

/// Octets of an X record before its columns: format, time; and since schema 2 why they are there.
constexpr std::size_t kTimeBegin = 1;
constexpr std::size_t kTimeEnd = 9;
constexpr char kOldVanishedFormat = 1;
constexpr char kVanishedFormat = 2;

/// The X record without the reason. What was not deleted gets the oldest time, so that no later release takes it for
/// something to bring back.
std::optional<std::string> old_vanished(std::string_view value) {
    if (value.size() <= kTimeEnd || value.front() != kVanishedFormat) return std::nullopt;
    const bool deleted = value[kTimeEnd] == static_cast<char>(record::Gone::deleted);
    std::string old{kOldVanishedFormat};
    old += deleted ? value.substr(kTimeBegin, kTimeEnd - kTimeBegin) : std::string(kTimeEnd - kTimeBegin, '\0');
    old += value.substr(kTimeEnd + 1);
    return old;
}

async::Awaitable<StoreResult<std::uint64_t>> downgrade(Engine* engine, Domain domain) {
    std::uint64_t changed = 0;
    std::string begin = "X";
    const std::string end = record::behind("Y");
    for (bool more = true; more;) {
        CO_TRY(const Page page, co_await engine->scan(domain, {begin, end, kRowsAtOnce, false, true}));
        Batch batch{.domain = domain, .expected = page.version, .assertions = {}, .operations = {}};
        for (const Row& row : page.rows) {
            if (row.key.starts_with('Y'))
                batch.operations.emplace_back(Delete{row.key});
            else if (auto old = old_vanished(row.value))
                batch.operations.emplace_back(Put{row.key, *std::move(old)});
        }
        changed += batch.operations.size();
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
        if (!batch.operations.empty()) {
            CO_TRY_VOID(co_await engine->commit(std::move(batch)));
        }
    }
    co_return changed;
}

} // namespace

async::Awaitable<StoreResult<std::uint64_t>> downgrade_accounts(Engine* engine) {
    std::uint64_t changed = 0;
    std::uint64_t after = 0;
    for (;;) {
        CO_TRY(const std::vector<Domain> domains, co_await engine->domains(DomainKind::account, after, kDomainsAtOnce));
        if (domains.empty()) co_return changed;
        for (const Domain domain : domains) {
            after = domain.id;
            CO_TRY(const std::uint64_t in_domain, co_await downgrade(engine, domain));
            changed += in_domain;
        }
    }
}

} // namespace tegami::store
