// Keeps an account's latest view (account_view.h) and makes the next one out of it.
#pragma once

#include "async/mutex.h"
#include "store/account_published.h"
#include "store/account_view.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace tegami::store {

class AccountCore;

class AccountViewKeeper {
public:
    /// Of what `reader` sees of the account; nothing: of all. Adds what the view takes to `memory` as long as it is kept.
    explicit AccountViewKeeper(ViewMemory memory, std::optional<AccountId> reader = {})
        : memory_(std::move(memory)), reader_(reader) {}

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
    /// The view that was kept last, if it shows this version of the account.
    AccountViewPtr latest_at(Version version) const;
    void keep(AccountViewPtr view, Version version, std::map<MailboxId, OpenStatePtr> open);

    const ViewMemory memory_;
    const std::optional<AccountId> reader_;
    async::Mutex turn_; // one makes the next view, and waits for no writer meanwhile: a writer may wait for the turn
    mutable std::mutex guard_;
    AccountViewPtr latest_;
    Version current_at_;                     // the last version of the account that latest_ is known to show
    std::map<MailboxId, OpenStatePtr> open_; // so that their views stay in memory
    std::size_t bytes_ = 0;
};

/// The views of an account: the whole, and the parts that others see of it (access.h). Any thread.
class AccountViews {
public:
    explicit AccountViews(ViewMemory memory) : memory_(memory), whole_(std::move(memory)) {}

    AccountViewKeeper& whole() { return whole_; }

    std::shared_ptr<AccountViewKeeper> part(AccountId reader);
    void trim();
    std::size_t memory_bytes() const;

private:
    struct Part {
        AccountId reader;
        std::shared_ptr<AccountViewKeeper> views;
    };

    const ViewMemory memory_;
    AccountViewKeeper whole_;
    mutable std::mutex guard_;
    std::vector<Part> parts_; // the one used last at the end
};

} // namespace tegami::store
