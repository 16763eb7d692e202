#include "store/account_expunge.h"

#include "store/account_append.h"
#include "store/email_pages.h"
#include "store/in_batches.h"
#include "store/message_pages.h"
#include "store/row_pieces.h"

#include <limits>

namespace tegami::store {

async::Awaitable<StoreResult<>> ExpungeMessages::run() {
    CO_TRY(const OpenStatePtr open, co_await core_->open(mailbox_));
    RowPieces pieces(open->view, &uids_, done_, messages::step_rows_max(*core_));
    const bool forced = which_ == Account::Expunge::forced;
    InBatches batches(core_, 1);
    for (;;) {
        const std::vector<MessageRow> rows =
            pieces.next([&](Flags flags) { return forced || flags.has(Flag::deleted); });
        if (rows.empty()) break;
        const auto step = [&](PendingCommit* part) { return remove(part, &rows); };
        CO_TRY_VOID(co_await batches.add(step));
    }
    CO_TRY_VOID(co_await batches.commit());
    result.modseq = core_->rows().version;
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> ExpungeMessages::remove(PendingCommit* part, const std::vector<MessageRow>* rows) {
    CO_TRY_VOID(co_await messages::find_and_remove(core_, part, mailbox_, *rows, why_));
    UidSet expunged;
    for (const MessageRow& row : *rows)
        expunged.add(row.uid);
    part->then([this, last = rows->back().uid, expunged = std::move(expunged)] {
        done_ = last;
        result.expunged.merge(expunged);
    });
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> CopyMessages::run() {
    CO_TRY(const record::MailboxRow* target, core_->rows().find_selectable(to_));
    result.uid_validity = target->uid_validity;
    CO_TRY(const OpenStatePtr open, co_await core_->open(from_));
    const ViewPtr view = open->view;
    // What arrives later, such as copies into the same mailbox, was not meant.
    if (!begun_) uids_.subtract(UidSet::range(view->uid_next(), Uid(std::numeric_limits<std::uint32_t>::max())));
    begun_ = true;
    CO_TRY_VOID(co_await check_room(view));
    RowPieces pieces(view, &uids_, done_, messages::step_rows_max(*core_));
    InBatches batches(core_, 1);
    for (;;) {
        const std::vector<MessageRow> rows = pieces.next();
        if (rows.empty()) break;
        const auto step = [&](PendingCommit* part) { return copy(part, &rows); };
        CO_TRY_VOID(co_await batches.add(step));
    }
    CO_TRY_VOID(co_await batches.commit());
    result.modseq = core_->rows().version;
    co_return StoreResult<>{};
}

/// Is there room for all that is still to be copied?
async::Awaitable<StoreResult<>> CopyMessages::check_room(ViewPtr view) {
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    RowPieces pieces(std::move(view), &uids_, done_, core_->rows().account.page_uids());
    for (std::vector<MessageRow> rows = pieces.next(); !rows.empty(); rows = pieces.next()) {
        count += rows.size();
        for (const MessageRow& row : rows)
            bytes += row.size_bytes;
        co_await async::give_way();
    }
    const Uid next = core_->rows().mailboxes.at(to_).uid_next;
    if (count + next.value > record::kIdMax) co_return failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
    co_return move_ ? StoreResult<>() : check_quota(core_->rows().account, bytes, count);
}

async::Awaitable<StoreResult<>> CopyMessages::copy(PendingCommit* part, const std::vector<MessageRow>* rows) {
    std::vector<MessageRow> copies;
    std::vector<std::uint32_t> emails;
    UidSet source;
    UidSet target;
    Uid uid = part->mailbox(to_, core_->rows()).uid_next;
    for (const MessageRow& row : *rows) {
        MessageRow& copied = copies.emplace_back(row);
        copied.uid = uid;
        copied.modseq = part->modseq;
        copied.saved = core_->now_seconds();
        emails.push_back(static_cast<std::uint32_t>(row.email.value));
        source.add(row.uid);
        target.add(uid);
        uid = uid.next();
    }
    CO_TRY_VOID(co_await messages::add(core_, part, to_, std::move(copies)));
    CO_TRY_VOID(co_await emails::adjust_counts(core_, part, std::move(emails), 1));
    if (move_) {
        CO_TRY_VOID(co_await messages::find_and_remove(core_, part, from_, *rows, record::Gone::moved));
    }
    part->then([this, last = rows->back().uid, source = std::move(source), target = std::move(target)] {
        done_ = last;
        result.source.merge(source);
        result.target.merge(target);
    });
    co_return StoreResult<>{};
}

async::Awaitable<> CopyMessages::take_back() {
    std::map<MailboxId, UidSet> added;
    if (!move_) added.emplace(to_, result.target);
    co_await take_back_copies(core_, std::move(added));
}

async::Awaitable<> take_back_copies(AccountCore* core, std::map<MailboxId, UidSet> added) {
    for (auto& [mailbox, uids] : added) {
        if (uids.empty()) continue;
        ExpungeMessages expunge(core, mailbox, std::move(uids), Account::Expunge::forced, record::Gone::taken_back);
        const StoreResult<> expunged = co_await expunge.run();
        if (!expunged) co_return;
    }
}

async::Awaitable<StoreResult<ExpungeResult>> Account::expunge(MailboxId mailbox, UidSet uids, Expunge which) {
    ExpungeMessages operation(core_.get(), mailbox, std::move(uids), which, record::Gone::deleted);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return std::move(operation.result);
}

async::Awaitable<StoreResult<CopyResult>> Account::copy(MailboxId from, UidSet uids, MailboxId to) {
    CopyMessages operation(core_.get(), from, std::move(uids), to, false);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return std::move(operation.result);
}

async::Awaitable<StoreResult<CopyResult>> Account::move(MailboxId from, UidSet uids, MailboxId to) {
    CopyMessages operation(core_.get(), from, std::move(uids), to, true);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return std::move(operation.result);
}

} // namespace tegami::store
