// Keeps the word indexes of all accounts up to date, in the background.
//
// 1. Whoever stores mail only notes which account it was (store/append_feed.h), and waits for nothing here.
// 2. How far an account has come is its index's mark: at the start, and where notes were lost, every account is looked at.
//    Nothing is kept that a new beginning would lose.
// 3. Accounts take turns; a turn reads some emails, has a worker find their words and commits them, or joins segments. After
//    each it rests as long as it took, and lets those finish who bring many messages at once.
// 4. What cannot be read of an index is forgotten and made anew; an email that cannot be read is left to each search.
// One runs at a time in a process.
#pragma once

#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "index/attachment_indexer.h"
#include "index/segment_builder.h"
#include "index/writer.h"
#include "store/store.h"

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::index {

/// How long new mail waits for more, so that many letters share a commit. Until then SEARCH looks at it itself.
inline constexpr auto kGatherTime = std::chrono::seconds(2);
/// How long a turn waits for those who bring many messages at once (store/append_feed.h).
inline constexpr auto kBulkWaitMax = std::chrono::seconds(10);
/// How often accounts are looked at for words of emails that are gone.
inline constexpr auto kTidyInterval = std::chrono::hours(24);
/// After an error of the engine.
inline constexpr auto kRetryPause = std::chrono::minutes(1);
/// Limits of one turn: emails, and octets of their words in memory.
inline constexpr std::size_t kTurnEmailsMax = 2048;
inline constexpr std::size_t kTurnMemoryMax = 16U << 20;

class Indexer {
public:
    /// All of them outlive it; `workers` are those for long jobs; `attachments` are told of accounts that are up to date,
    /// if anybody reads attachments.
    struct Dependencies {
        store::Store& store;
        async::WorkerPool& workers;
        async::Timers& timers;
        Log& log;
        AttachmentIndexer* attachments = nullptr;
    };

    explicit Indexer(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Works until its task is cancelled.
    async::Awaitable<> run();

    /// Brings one account up to date, now.
    async::Awaitable<store::StoreResult<>> catch_up(store::AccountId account);
    /// Writes those segments anew of whose emails more than an eighth are gone, and deletes the texts of attachments of all
    /// that are.
    async::Awaitable<store::StoreResult<>> tidy(store::AccountId account);

private:
    enum class Progress : std::uint8_t { done, more };

    async::Awaitable<> work_through(std::set<store::AccountId> accounts, bool tidies);
    async::Awaitable<> let_bulk_pass();
    async::Awaitable<std::set<store::AccountId>> all_accounts();
    async::Awaitable<store::StoreResult<Progress>> turn(store::AccountId account);
    async::Awaitable<store::StoreResult<Progress>> look(store::AccountPtr account);
    async::Awaitable<store::StoreResult<>> add(IndexWriter* writer, store::EmailWalk walk);
    async::Awaitable<store::StoreResult<>> tidy_layer(store::AccountPtr account, IndexWriter* writer, Layer layer);
    async::Awaitable<store::StoreResult<>> tidy_texts(store::AccountPtr account, IndexWriter* writer);
    async::Awaitable<async::Mutex::Lock> lock();

    const Dependencies dependencies_;
    std::set<store::AccountId> failed_; ///< to be looked at again after a pause
};

/// How far an account's index has come.
struct IndexStatus {
    std::uint64_t emails = 0;  ///< that are in it
    std::uint64_t waiting = 0; ///< that it has not come to, about
    /// Emails whose attachments have not been looked at, about; nothing if nobody has looked at any.
    std::optional<std::uint64_t> attachments_waiting;
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
    bool sound = true;
};

async::Awaitable<store::StoreResult<IndexStatus>> index_status(store::Engine* engine, store::AccountPtr account);

} // namespace tegami::index
