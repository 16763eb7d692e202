// Housekeeping: what is past its retention time goes, removals that were cut short end, the account itself goes.
#include "store/account_state.h"
#include "store/engine/scan.h"

namespace tegami::store {

namespace {

/// Limit: rows looked at between two turns of other work.
constexpr std::size_t kSweepRows = 100;
/// Above this many deltas sweep() folds a mailbox; below, opening it is quick anyway.
constexpr std::uint32_t kSweepDeltasMin = 256;

} // namespace

async::Awaitable<StoreResult<>> AccountState::sweep() {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await refresh());
    CO_TRY_VOID(co_await finish_removals());
    std::vector<MailboxId> unfolded;
    for (const auto& [id, row] : rows_)
        if (row.selectable && row.deltas > kSweepDeltasMin) unfolded.push_back(id);
    for (const MailboxId mailbox : unfolded)
        CO_TRY_VOID(co_await fold(mailbox));
    CO_TRY_VOID(co_await sweep_log());
    CO_TRY_VOID(co_await sweep_vanished());
    CO_TRY_VOID(co_await sweep_removed_mailboxes());
    co_return co_await sweep_tags();
}

async::Awaitable<StoreResult<>> AccountState::sweep_log() {
    const Timestamp cutoff = clock_->now() - options_.retention;
    Version floor = row_.log_floor;
    Scan scan(engine_, domain_, {"L", "M", kSweepRows});
    bool young = false;
    while (scan.more() && !young) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const auto log = record::decode_log(row.value);
            if (!log) continue; // damaged: it goes with its neighbours
            young = log->time >= cutoff;
            if (young) break;
            floor = Version(record::number64(row.key, 1));
        }
    }
    if (floor == row_.log_floor) co_return StoreResult<>{};
    Transaction swept = begin_transaction();
    swept.account.log_floor = floor;
    swept.erase_range(record::log_key(Version(0)), record::log_key(floor.next()));
    co_return co_await commit(&swept);
}

async::Awaitable<StoreResult<>> AccountState::sweep_vanished() {
    const Timestamp cutoff = clock_->now() - options_.retention;
    Scan scan(engine_, domain_, {"X", "Y", 1, false, true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        if (page.rows.empty()) co_return StoreResult<>{};
        const Row row = page.rows.front();
        const MailboxId mailbox(record::number32(row.key, 1));
        const StoreResult<bool> forgotten = co_await forget_vanished(row, cutoff);
        if (!forgotten && forgotten.error().code == ErrorCode::damaged) continue; // left for repair
        CO_TRY_VOID(forgotten);
        // Within a mailbox they are ordered by modseq, so by time: the first young one ends it.
        if (!*forgotten) scan.skip_to(record::vanished_key(MailboxId(mailbox.value + 1), Modseq(0), 0));
        co_await async::give_way();
    }
    co_return StoreResult<>{};
}

/// Forgets one X record, in as many commits as it needs; false if it is too young.
async::Awaitable<StoreResult<bool>> AccountState::forget_vanished(Row row, Timestamp cutoff) {
    const MailboxId mailbox(record::number32(row.key, 1));
    const Modseq modseq(record::number64(row.key, 5));
    const std::uint32_t number = page_of(Uid(record::number32(row.key, 13)));
    auto vanished = record::decode_vanished(first_uid(number), row_.page_uids(), row.value);
    if (!vanished) co_return failure(damaged_record(domain_, row.key));
    if (vanished->time >= cutoff) co_return false;
    std::size_t at = 0;
    while (at < vanished->rows.count()) {
        Transaction whole = begin_transaction();
        std::size_t taken = 0;
        for (; at < vanished->rows.count(); ++at, ++taken) {
            Transaction part = Transaction::part_of(whole);
            std::vector<std::uint32_t> email{vanished->rows.email[at]};
            CO_TRY_VOID(co_await forget_part(&part, std::move(email)));
            // Room for what is left of this record.
            part.bytes += row.value.size() + 50;
            const bool room =
                taken == 0 || (fits(whole, part) &&
                               whole.operations.size() + part.operations.size() + 4 <= limits_.batch_operations_max);
            part.bytes -= row.value.size() + 50;
            if (!room) break;
            whole.merge(std::move(part));
        }
        if (at == vanished->rows.count()) {
            whole.erase(row.key);
            if (rows_.contains(mailbox) && !damaged_.contains(mailbox)) {
                record::MailboxRow& box = mailbox_in(whole, mailbox);
                box.vanished_floor = std::max(box.vanished_floor, modseq);
            }
        } else {
            record::Vanished rest{
                .time = vanished->time, .why = vanished->why, .rows = {.first_uid = vanished->rows.first_uid}};
            for (std::size_t i = at; i < vanished->rows.count(); ++i)
                rest.rows.push_back(vanished->rows.row(i));
            whole.put(row.key, record::encode(rest));
        }
        CO_TRY_VOID(co_await commit(&whole));
    }
    co_return true;
}

async::Awaitable<StoreResult<>> AccountState::forget_part(Transaction* part, std::vector<std::uint32_t> emails) {
    for (const std::uint32_t email : emails) {
        CO_TRY(const CountPage counts, co_await count_page(part, email >> row_.email_bits));
        const std::uint32_t rows = counts.counts[email & (row_.page_emails() - 1)];
        // What cannot be counted is kept, with its X record, until repair has counted.
        if (rows >= record::kRowsUnknown) co_return failure(damaged_record(domain_, record::count_key(email)));
        std::vector<std::uint32_t> one{email};
        if (rows > 1) {
            CO_TRY_VOID(co_await adjust_counts(part, std::move(one), -1));
            continue;
        }
        CO_TRY_VOID(co_await forget_email(part, email));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::forget_email(Transaction* part, std::uint32_t email) {
    const bool in_page = email < row_.email_tail();
    std::optional<record::EmailRecord> found;
    if (in_page) {
        const std::uint32_t number = email >> row_.email_bits;
        const StoreResult<std::vector<record::EmailRecord>> read = co_await email_page(part, number);
        if (!read) {
            // Only the damaged page itself may keep the email: repair forgets what has no row any more.
            if (read.error().code != ErrorCode::damaged) co_return failure(read.error());
            co_return StoreResult<>{};
        }
        std::vector<record::EmailRecord> page = *read;
        const auto at = std::ranges::lower_bound(page, email, {}, &record::EmailRecord::id);
        if (at != page.end() && at->id == email) {
            found = *at;
            page.erase(at);
            if (page.empty())
                part->erase(record::email_page_key(number));
            else
                part->put(record::email_page_key(number), record::encode_emails(page));
            part->email_pages.insert_or_assign(number, std::move(page));
        }
    } else {
        CO_TRY(found, co_await find_email(email));
        part->erase(record::email_key(email));
    }
    if (!found) co_return StoreResult<>{}; // damaged or forgotten before: verify() reports it
    part->remove_reference(found->blob.id, record::reference_tag(id_, email));
    const std::string key = record::thread_key(ThreadId(found->thread), email);
    CO_TRY(const auto value, co_await engine_->get(domain_, key));
    if (value) {
        const auto hashes = record::decode_hashes(*value);
        if (!hashes) co_return StoreResult<>{};
        for (const std::uint64_t hash : *hashes)
            part->erase(record::hash_key(hash, email));
        part->erase(key);
    }
    co_return StoreResult<>{};
}

/// The names of removed mailboxes go when none of their messages can come back any more.
async::Awaitable<StoreResult<>> AccountState::sweep_removed_mailboxes() {
    Scan scan(engine_, domain_, {"Y", "Z", kSweepRows, false, true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        Transaction swept = begin_transaction();
        for (const Row& row : page.rows) {
            const MailboxId mailbox(record::number32(row.key, 1));
            if (rows_.contains(mailbox)) continue; // its removal is not at its end
            std::string first = record::vanished_key(mailbox, Modseq(0), 0);
            std::string last = record::vanished_key(MailboxId(mailbox.value + 1), Modseq(0), 0);
            CO_TRY(const Page kept,
                   co_await engine_->scan(domain_, {std::move(first), std::move(last), 1, false, true}));
            if (kept.rows.empty() && kept.damaged.empty()) swept.erase(row.key);
        }
        CO_TRY_VOID(co_await commit(&swept));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::sweep_tags() {
    const Timestamp cutoff = clock_->now() - options_.delivery_tag_retention;
    Scan scan(engine_, domain_, {"G", "H", kSweepRows});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        Transaction swept = begin_transaction();
        for (const Row& row : page.rows) {
            const auto delivery = record::decode_delivery(row.value);
            if (delivery && delivery->time < cutoff) swept.erase(row.key);
        }
        CO_TRY_VOID(co_await commit(&swept));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::remove_all() {
    const Lock lock = co_await writer_.lock();
    if (stale_) {
        const StoreResult<> read = co_await read_rows();
        if (!read && read.error().code != ErrorCode::not_found) co_return read;
        stale_ = false;
    }
    if (!removed_) {
        Transaction hidden = begin_transaction();
        hidden.account.removed = true;
        hidden.mailbox_list = true;
        CO_TRY_VOID(co_await commit(&hidden));
    }
    CO_TRY_VOID(co_await release_blobs());
    Batch batch{.domain = domain_, .expected = version_, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(DeleteRange{"", ""});
    stale_ = true;
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

/// Takes the account's references off all blobs, email by email. A crash in between repeats harmless steps.
async::Awaitable<StoreResult<>> AccountState::release_blobs() {
    for (const auto& [letter, behind] : {std::pair{"E", "F"}, std::pair{"e", "f"}}) {
        for (;;) {
            const std::string begin = letter;
            const std::string end = behind;
            CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, 1, false}));
            if (page.rows.empty()) break;
            const Row& row = page.rows.front();
            const std::uint32_t id = record::number32(row.key, 1);
            std::vector<record::EmailRecord> emails;
            if (*letter == 'E') {
                auto decoded = record::decode_emails(id, row_.page_emails(), row.value);
                if (decoded) emails = *std::move(decoded);
            } else if (const auto email = record::decode_email(id, row.value)) {
                emails.push_back(*email);
            }
            for (std::size_t at = 0; at <= emails.size();) {
                Transaction part = begin_transaction();
                for (; at < emails.size() && part.operations.size() + 2 < limits_.batch_operations_max &&
                       part.bytes + 100 < limits_.batch_bytes_max;
                     ++at)
                    part.remove_reference(emails[at].blob.id, record::reference_tag(id_, emails[at].id));
                if (at == emails.size()) {
                    part.erase(row.key);
                    ++at;
                }
                CO_TRY_VOID(co_await commit(&part));
            }
            co_await async::give_way();
        }
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
