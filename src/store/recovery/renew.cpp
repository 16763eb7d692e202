#include "store/recovery/renew.h"

#include "store/account_records.h"
#include "store/engine/scan.h"

#include <algorithm>
#include <limits>

namespace tegami::store {

namespace {

constexpr std::size_t kRowsAtOnce = 500;
/// More than anybody makes between two backups; an account has room for some thousand restores.
constexpr std::uint32_t kEmailsSkipped = 1'000'000;
constexpr std::uint32_t kMailboxesSkipped = 10'000;
/// Near the end of the numbers they stay as they are: the account is full for ever anyway.
constexpr std::uint32_t kNumbersMax = std::numeric_limits<std::uint32_t>::max() - 4'000'000;

std::uint32_t skip(std::uint32_t number, std::uint32_t by) {
    return number > kNumbersMax ? number : number + by;
}

async::Awaitable<StoreResult<bool>> renew(Engine* engine, Clock* clock, Domain domain) {
    CO_TRY(const auto value, co_await engine->get(domain, record::account_key()));
    auto account = value ? record::decode_account(*value) : std::nullopt;
    if (!account || account->removed) co_return false;
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock->now().time_since_epoch()).count();
    // Emails that are single records now stay so: they are found there too (docs/formats/account.md, rule 11).
    account->next_email = skip(account->next_email, kEmailsSkipped);
    account->next_mailbox = skip(account->next_mailbox, kMailboxesSkipped);
    account->last_uid_validity = std::max(account->last_uid_validity, static_cast<std::uint32_t>(now));
    Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
    Scan scan(engine, domain,
              {.begin = "B", .end = record::behind("B"), .rows_max = kRowsAtOnce, .around_damage = true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        batch.expected = page.version;
        for (const Row& row : page.rows) {
            auto mailbox = record::decode_mailbox(MailboxId(record::number32(row.key, 1)), row.value);
            if (!mailbox) continue;
            mailbox->uid_validity = UidValidity(++account->last_uid_validity);
            mailbox->highest_modseq = mailbox->change_floor = page.version.next();
            batch.operations.emplace_back(Put{row.key, record::encode(*mailbox)});
        }
        account->log_floor = page.version.next();
    }
    batch.operations.emplace_back(Put{record::account_key(), record::encode(*account)});
    batch.operations.emplace_back(DeleteRange{"L", record::behind("L")});
    CO_TRY_VOID(co_await engine->commit(std::move(batch)));
    co_return true;
}

} // namespace

async::Awaitable<StoreResult<std::uint64_t>> renew_accounts(Engine* engine, Clock* clock) {
    std::uint64_t count = 0;
    std::uint64_t after = 0;
    for (;;) {
        CO_TRY(const std::vector<Domain> domains, co_await engine->domains(DomainKind::account, after, kRowsAtOnce));
        if (domains.empty()) co_return count;
        for (const Domain domain : domains) {
            after = domain.id;
            const StoreResult<bool> renewed = co_await renew(engine, clock, domain);
            if (!renewed && renewed.error().code != ErrorCode::damaged) co_return failure(renewed.error());
            if (renewed && *renewed) ++count;
        }
    }
}

} // namespace tegami::store
