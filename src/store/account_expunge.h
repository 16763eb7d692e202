// Expunging and moving, for the operations that are made of them. All for the writer of the account.
#pragma once

#include "store/account_core.h"
#include "store/page_records.h"

#include <map>

namespace tegami::store {

/// Removes messages of a mailbox.
class ExpungeMessages {
public:
    ExpungeMessages(AccountCore* core, MailboxId mailbox, UidSet uids, Account::Expunge which, record::Gone why)
        : core_(core), mailbox_(mailbox), uids_(std::move(uids)), which_(which), why_(why) {}

    async::Awaitable<StoreResult<>> run();

    ExpungeResult result; ///< of what is committed

private:
    async::Awaitable<StoreResult<>> remove(PendingCommit* part, const std::vector<MessageRow>* rows);

    AccountCore* const core_;
    const MailboxId mailbox_;
    const UidSet uids_;
    const Account::Expunge which_;
    const record::Gone why_;
    Uid done_; // up to here it is committed
};

/// Copies messages of a mailbox into another, or moves them.
class CopyMessages {
public:
    CopyMessages(AccountCore* core, MailboxId from, UidSet uids, MailboxId to, bool move)
        : core_(core), from_(from), uids_(std::move(uids)), to_(to), move_(move) {}

    async::Awaitable<StoreResult<>> run();
    /// A failed COPY leaves the mailbox as it was (RFC 9051 §6.4.7). What was moved is moved: each message is in one of
    /// the two (RFC 6851 §3.3).
    async::Awaitable<> take_back();

    CopyResult result; ///< of what is committed

private:
    async::Awaitable<StoreResult<>> check_room(ViewPtr view);
    async::Awaitable<StoreResult<>> copy(PendingCommit* part, const std::vector<MessageRow>* rows);

    AccountCore* const core_;
    const MailboxId from_;
    UidSet uids_;
    const MailboxId to_;
    const bool move_;
    bool begun_ = false;
    Uid done_; // up to here it is committed
};

/// Takes back what earlier commits of a request have added of
/// which a later one failed. If that fails too, the copies remain.
async::Awaitable<> take_back_copies(AccountCore* core, std::map<MailboxId, UidSet> added);

} // namespace tegami::store
