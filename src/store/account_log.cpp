// Reading the change log (L). Readers take no turn among the writers.
#include "async/turns.h"
#include "store/account_core.h"
#include "store/engine/scan.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Log rows decoded before others on the thread get their turn.
constexpr std::size_t kLogRowsPerTurn = 64;
/// Limit: ranges of UIDs gathered, 4 MB; whoever has missed more looks at everything.
constexpr std::size_t kVanishedRangesMax = 500'000;

/// One set of ranges in any order; gathering them first keeps the time from growing with the square of the rows.
UidSet set_of(std::vector<UidRange> ranges) {
    std::ranges::sort(ranges, {}, &UidRange::first);
    UidSet set;
    for (const UidRange& range : ranges)
        set.add(range);
    return set;
}

} // namespace

async::Awaitable<StoreResult<std::optional<UidSet>>> Account::vanished_since(MailboxId mailbox, Modseq since) {
    using Answer = StoreResult<std::optional<UidSet>>;
    CO_TRY_VOID(core_->published().check_there());
    const auto is_known = [this, mailbox, since] {
        const MailboxPtr now = mailboxes()->find(mailbox);
        return now && now->change_floor <= since;
    };
    const std::shared_ptr<const MailboxList> now = mailboxes();
    const MailboxPtr info = now->find(mailbox);
    if (since > now->version() || !info || !is_known()) co_return Answer(std::nullopt);
    if (info->highest_modseq <= since) co_return Answer(UidSet());
    std::vector<UidRange> vanished;
    std::size_t rows = 0;
    Scan scan(core_->dependencies().engine, core_->domain(),
              {.begin = record::log_key(since.next()), .end = "M", .around_damage = true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        if (!page.damaged.empty()) co_return Answer(std::nullopt);
        for (const Row& row : page.rows) {
            const std::optional<record::LogRow> log = record::decode_log(row.value);
            if (!log || ++rows > kLogRowsReadMax) co_return Answer(std::nullopt);
            const auto here = std::ranges::find(log->mailboxes, mailbox, &MailboxChanges::mailbox);
            if (here != log->mailboxes.end()) {
                const std::vector<UidRange>& ranges = here->expunged.ranges();
                vanished.insert(vanished.end(), ranges.begin(), ranges.end());
                if (vanished.size() > kVanishedRangesMax) co_return Answer(std::nullopt);
            }
            if (rows % kLogRowsPerTurn == 0) co_await async::give_way();
        }
    }
    // After the scan: what the sweep has taken meanwhile was missed.
    if (!is_known()) co_return Answer(std::nullopt);
    co_return Answer(set_of(std::move(vanished)));
}

} // namespace tegami::store
