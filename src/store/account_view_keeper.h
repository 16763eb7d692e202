// Keeps an account's latest view (account_view.h) and makes the next one out of it.
#pragma once

#include "async/mutex.h"
#include "store/account_published.h"
#include "store/account_view.h"

#include <map>
#include <mutex>
#include <set>

namespace tegami::store {

class AccountCore;

class AccountViewKeeper {
public:
    /// Adds what the view takes to `memory` as long as it is kept.
    explicit AccountViewKeeper(ViewMemory memory) : memory_(std::move(memory)) {}

    AccountViewKeeper(const AccountViewKeeper&) = delete;
    AccountViewKeeper& operator=(const AccountViewKeeper&) = delete;
    ~AccountViewKeeper();

    /// The account as of its last commit; `core` is the account's, to which this belongs.
    async::Awaitable<StoreResult<AccountViewPtr>> bring_up(AccountPtr account, AccountCore* core);
    /// The same for the writer of the account, for whom it stays the last commit until its own.
    async::Awaitable<StoreResult<AccountViewPtr>> bring_up_for_writer(AccountCore* core);
    /// Drops the view if nobody uses it, and lets go of the mailboxes.
    void trim();
    std::size_t memory_bytes() const;

private:
    async::Awaitable<StoreResult<AccountViewPtr>> make_next(AccountCore* core, const std::set<MailboxId>* unreadable);
    AccountViewPtr latest() const;
    void keep(AccountViewPtr view, std::map<MailboxId, OpenStatePtr> open);

    const ViewMemory memory_;
    async::Mutex turn_; // one makes the next view, and waits for no writer meanwhile: a writer may wait for the turn
    mutable std::mutex guard_;
    AccountViewPtr latest_;
    std::map<MailboxId, OpenStatePtr> open_; // so that their views stay in memory
    std::size_t bytes_ = 0;
};

} // namespace tegami::store
