// Expunging, copying and moving.
#include "base/sabotage.h"
#include "store/account_state.h"

namespace tegami::store {

namespace {

/// The rows of the view that are in the set, in pieces that lie in one page each and have at most `rows_max` rows.
class RowPieces {
public:
    RowPieces(const MailboxView* view, UidSet uids, std::size_t rows_max)
        : view_(view), uids_(std::move(uids)), rows_max_(rows_max) {}

    /// The next piece; empty at the end. `wanted` decides about each row.
    template <class Wanted>
    std::vector<MessageRow> next(Wanted wanted) {
        std::vector<MessageRow> rows;
        while (page_ < view_->pages().size() && rows.empty()) {
            const ViewPage& page = *view_->pages()[page_];
            for (; at_ < page.size() && rows.size() < rows_max_; ++at_)
                if (in_set(page.uid(at_)) && wanted(page.flags(at_))) rows.push_back(page.row(at_));
            if (at_ == page.size()) ++page_, at_ = 0;
        }
        return rows;
    }

private:
    /// UIDs are asked for in rising order, so the ranges are walked once.
    bool in_set(Uid uid) {
        while (range_ < uids_.ranges().size() && uids_.ranges()[range_].last < uid)
            ++range_;
        return range_ < uids_.ranges().size() && uids_.ranges()[range_].first <= uid;
    }

    const MailboxView* view_;
    const UidSet uids_;
    const std::size_t rows_max_;
    std::size_t page_ = 0;
    std::size_t at_ = 0;
    std::size_t range_ = 0;
};

} // namespace

/// The rows leave their page and are kept in an X record until the retention time has passed.
async::Awaitable<StoreResult<>> AccountState::expunge_part(Transaction* part, MailboxId mailbox,
                                                           std::vector<MessageRow> rows, record::Gone why) {
    const std::uint32_t number = page_of(rows.front().uid);
    CO_TRY(const ViewPagePtr old, co_await page(part, mailbox, number));
    if (!old) co_return failure(Error{ErrorCode::damaged, "the page of an expunged message is missing"});
    record::Vanished vanished{.time = clock_->now(), .why = why, .rows = {.first_uid = first_uid(number)}};
    PageColumns left{.first_uid = first_uid(number)};
    left.reserve(old->size());
    std::vector<Uid> touched;
    record::MailboxRow& box = mailbox_in(*part, mailbox);
    auto gone = rows.begin();
    for (std::size_t at = 0; at < old->size(); ++at) {
        if (gone == rows.end() || gone->uid != old->uid(at)) {
            left.push_back(old->row(at));
            continue;
        }
        const MessageRow row = old->row(at);
        count(*part, box, row, -1);
        vanished.rows.push_back(row);
        part->change(mailbox).expunged.add(row.uid);
        touched.push_back(row.uid);
        ++gone;
    }
    if (kSabotage == Sabotage::reuse_uid && touched.back().next() == box.uid_next) box.uid_next = touched.front();
    part->put(record::vanished_key(mailbox, part->modseq, touched.front().value), record::encode(vanished));
    co_return write_page(*part, mailbox, std::move(left), old, touched);
}

async::Awaitable<StoreResult<ExpungeResult>> AccountState::expunge(MailboxId mailbox, UidSet uids,
                                                                   Account::Expunge which) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    co_return co_await expunge_locked(mailbox, std::move(uids), which, record::Gone::deleted);
}

async::Awaitable<StoreResult<ExpungeResult>> AccountState::expunge_locked(MailboxId mailbox, UidSet uids,
                                                                          Account::Expunge which, record::Gone why) {
    ExpungeResult result;
    CO_TRY(const OpenStatePtr open, co_await open_locked(mailbox));
    const ViewPtr view = open->view;
    const bool forced = which == Account::Expunge::forced;
    RowPieces pieces(view.get(), std::move(uids), unit_rows_max());
    Transaction whole = begin_transaction();
    for (;;) {
        const std::vector<MessageRow> rows =
            pieces.next([&](Flags flags) { return forced || flags.has(Flag::deleted); });
        if (rows.empty()) break;
        Transaction part = Transaction::part_of(whole);
        CO_TRY_VOID(co_await expunge_part(&part, mailbox, rows, why));
        if (!fits(whole, part)) {
            CO_TRY_VOID(co_await commit(&whole));
            whole = begin_transaction();
            part = Transaction::part_of(whole);
            CO_TRY_VOID(co_await expunge_part(&part, mailbox, rows, why));
        }
        whole.merge(std::move(part));
        for (const MessageRow& row : rows)
            result.expunged.add(row.uid);
        co_await async::give_way();
    }
    CO_TRY_VOID(co_await commit(&whole));
    result.modseq = version_;
    co_return result;
}

async::Awaitable<StoreResult<>> AccountState::copy_part(Transaction* part, MailboxId from, std::vector<MessageRow> rows,
                                                        MailboxId to, bool move, CopyResult* result) {
    std::vector<MessageRow> copies;
    std::vector<std::uint32_t> emails;
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    Uid uid = mailbox_in(*part, to).uid_next;
    result->source = {};
    result->target = {};
    for (const MessageRow& row : rows) {
        MessageRow& copied = copies.emplace_back(row);
        copied.uid = uid;
        copied.modseq = part->modseq;
        copied.saved = static_cast<std::uint32_t>(std::max<std::int64_t>(0, now));
        emails.push_back(static_cast<std::uint32_t>(row.email.value));
        result->source.add(row.uid);
        result->target.add(uid);
        uid = uid.next();
    }
    CO_TRY_VOID(co_await add_rows(part, to, std::move(copies)));
    CO_TRY_VOID(co_await adjust_counts(part, std::move(emails), 1));
    if (move) {
        CO_TRY_VOID(co_await expunge_part(part, from, std::move(rows), record::Gone::moved));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<CopyResult>> AccountState::copy(MailboxId from, UidSet uids, MailboxId to, bool move) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    co_return co_await copy_locked(from, std::move(uids), to, move);
}

async::Awaitable<StoreResult<CopyResult>> AccountState::copy_locked(MailboxId from, UidSet uids, MailboxId to,
                                                                    bool move) {
    CO_TRY(const record::MailboxRow* target, find_mailbox(to));
    if (!target->selectable) co_return failure(Error{ErrorCode::invalid, "mailbox only holds inferiors"});
    CO_TRY(const OpenStatePtr open, co_await open_locked(from));
    const ViewPtr view = open->view;
    const UidSet wanted = view->existing(uids);
    CopyResult result{.uid_validity = target->uid_validity};
    if (wanted.size() + target->uid_next.value > 0xffff'0000)
        co_return failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
    if (!move) {
        std::uint64_t bytes = 0;
        RowPieces sizes(view.get(), wanted, row_.page_uids());
        for (std::vector<MessageRow> rows = sizes.next([](Flags) { return true; }); !rows.empty();
             rows = sizes.next([](Flags) { return true; }))
            for (const MessageRow& row : rows)
                bytes += row.size_bytes;
        CO_TRY_VOID(check_quota(row_, bytes, wanted.size()));
    }
    RowPieces pieces(view.get(), wanted, unit_rows_max());
    UidSet committed;
    StoreResult<> outcome;
    Transaction whole = begin_transaction();
    while (outcome) {
        const std::vector<MessageRow> rows = pieces.next([](Flags) { return true; });
        if (rows.empty()) break;
        CopyResult step;
        Transaction part = Transaction::part_of(whole);
        outcome = co_await copy_part(&part, from, rows, to, move, &step);
        if (outcome && !fits(whole, part)) {
            outcome = co_await commit(&whole);
            if (!outcome) break;
            committed = result.target;
            whole = begin_transaction();
            part = Transaction::part_of(whole);
            outcome = co_await copy_part(&part, from, rows, to, move, &step);
        }
        if (!outcome) break;
        whole.merge(std::move(part));
        result.source.merge(step.source);
        result.target.merge(step.target);
        co_await async::give_way();
    }
    if (outcome) {
        outcome = co_await commit(&whole);
    }
    if (!outcome) {
        // What was moved is moved (RFC 6851 §3.3 leaves each message in one of the two); a copy is taken back.
        std::map<MailboxId, UidSet> added{{to, std::move(committed)}};
        if (!move) {
            co_await undo(std::move(added));
        }
        co_return failure(outcome.error());
    }
    result.modseq = version_;
    co_return result;
}

} // namespace tegami::store
