// The core of an account: what is in memory of it, and the only way in which that and the disk change.
//
// 1. One operation at a time is the writer. It reads rows(), makes a PendingCommit and commits it.
// 2. State in memory changes only after the engine has committed.
// 3. A commit has three outcomes. Done: it is published. Refused: nothing happened. For `conflict` (somebody else, on
//    another node, was first) everything is read again, and the operation runs again. Unknown (ErrorCode::unknown, or
//    an exception such as a cancellation): everything is read again before the next use.
// 4. Whenever everything is read again, every listener is told `everything`.
//
// It knows no operations: they are in account_<family>.cpp, over this, message_pages.h and email_pages.h.
#pragma once

#include "async/mutex.h"
#include "store/account_published.h"
#include "store/account_rows.h"
#include "store/account_view_keeper.h"
#include "store/append_feed.h"
#include "store/engine/guarded_update.h"
#include "store/mailbox_reader.h"
#include "store/pending_commit.h"

#include <atomic>
#include <concepts>
#include <mutex>
#include <set>

namespace tegami::store {

struct AccountOptions {
    Duration retention;
    Duration delivery_tag_retention;
    Log* log = nullptr; ///< gets a line for each record that cannot be read
    ViewMemory memory = std::make_shared<std::atomic<std::size_t>>();
    /// Told when emails were added.
    std::shared_ptr<AppendFeed> appends = std::make_shared<AppendFeed>();
};

/// What the operations need beside the rows.
struct AccountDependencies {
    Engine* engine;
    Clock* clock;
    AccountOptions options;
    Limits limits;
};

/// `run()` carries the operation out as far as it has not come yet: after a conflict it is called again, with what was
/// committed before kept in the object (PendingCommit::then).
template <class T>
concept AccountOperation = requires(T operation) {
    { operation.run() } -> std::same_as<async::Awaitable<StoreResult<>>>;
};

/// An operation of which some commits must be taken back where a later one fails.
template <class T>
concept UndoableOperation = AccountOperation<T> && requires(T operation) {
    { operation.take_back() } -> std::same_as<async::Awaitable<>>;
};

class AccountCore {
public:
    AccountCore(Engine* engine, Clock* clock, AccountOptions options, AccountId id);

    AccountId id() const { return AccountId(domain_.id); }

    Domain domain() const { return domain_; }

    const AccountDependencies& dependencies() const { return dependencies_; }

    /// Seconds since 1970.
    std::uint32_t now_seconds() const;

    PublishedAccount& published() { return published_; }

    AccountViews& views() { return views_; }

    const PublishedAccount& published() const { return published_; }

    /// Reads the account. Errors: not_found (also while its removal is not at its end; then is_removed()).
    async::Awaitable<StoreResult<>> load();

    bool is_removed() const { return published_.row().removed; }

    /// Reads everything again at its next use.
    void set_stale() { stale_ = true; }

    bool stale() const { return stale_; }

    /// A reader has missed the pages of a group (card_pages.h, sort_pages.h): sweep() makes them anew. Any thread.
    void note_missing_group(std::uint32_t group);
    /// Those noted since the last call, rising; not all, if they were many.
    std::set<std::uint32_t> take_missing_groups();

    /// Carries out an operation of a user, as the writer. Errors: not_found (hidden, removed); the operation's.
    template <AccountOperation Operation>
    async::Awaitable<StoreResult<>> write(Operation* operation) {
        return run_as(Access::user, operation);
    }

    /// As write(), also while the account is hidden.
    template <AccountOperation Operation>
    async::Awaitable<StoreResult<>> maintain(Operation* operation) {
        return run_as(Access::housekeeping, operation);
    }

    /// As write(), whatever state the account is in, even if it is not there.
    template <AccountOperation Operation>
    async::Awaitable<StoreResult<>> make_or_remove(Operation* operation) {
        return run_as(Access::life, operation);
    }

    // For the operation that is the writer:

    const AccountRows& rows() const { return rows_; }

    /// For reading at the version of rows().
    RecordReader reader() const;

    PendingCommit begin() const { return {rows_.version.next(), rows_.account}; }

    /// For an account that is not there: rows() are those of an empty one at this version.
    void begin_empty(Version version);
    /// True if both fit one engine batch.
    bool fits(const PendingCommit& whole, const PendingCommit& part) const;
    /// Makes it durable and publishes it; then everything that PendingCommit::then was given is called. Errors:
    /// conflict (run() is called again), no_space, unavailable; unknown.
    async::Awaitable<StoreResult<>> commit(PendingCommit* pending);
    /// The mailbox's messages, which stay in memory while the result lives. Errors: not_found, invalid, damaged.
    async::Awaitable<StoreResult<OpenStatePtr>> open(MailboxId mailbox);

private:
    enum class Access : std::uint8_t { user, housekeeping, life };

    template <AccountOperation Operation>
    async::Awaitable<StoreResult<>> run_as(Access access, Operation* operation);
    async::Awaitable<StoreResult<>> ready(Access access);
    async::Awaitable<StoreResult<>> reload();
    async::Awaitable<StoreResult<>> read_everything();

    const AccountDependencies dependencies_;
    const Domain domain_;
    async::Mutex writer_;
    std::atomic<bool> stale_ = false;
    std::uint64_t commits_ = 0; // of ours, so far
    AccountRows rows_;          // the writer's own
    PublishedAccount published_;
    AccountViews views_;
    std::mutex missing_guard_;
    std::set<std::uint32_t> missing_groups_;
};

template <AccountOperation Operation>
async::Awaitable<StoreResult<>> AccountCore::run_as(Access access, Operation* operation) {
    if (access == Access::user) CO_TRY_VOID(published_.check_there()); // before the end of a long removal
    const async::Mutex::Lock lock = co_await writer_.lock();
    StoreResult<> outcome;
    std::uint64_t commits = commits_;
    for (int attempts = kCommitAttemptsMax; attempts > 0; --attempts) {
        outcome = co_await ready(access);
        if (outcome) outcome = co_await operation->run();
        if (outcome || outcome.error().code != ErrorCode::conflict) break;
        stale_ = true;
        // Whoever comes forward may go on for as long as it takes.
        if (commits_ != commits) attempts = kCommitAttemptsMax;
        commits = commits_;
    }
    if (outcome) co_return outcome;
    if (stale_) {
        // So that listeners hear of it at once; if it fails, the next use tries again.
        const StoreResult<> again = co_await ready(access);
        if (!again) co_return outcome;
    }
    if constexpr (UndoableOperation<Operation>) co_await operation->take_back();
    co_return outcome;
}

} // namespace tegami::store
