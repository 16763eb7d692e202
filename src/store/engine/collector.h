// Gives space back: forgets blobs that nothing has referenced for a while, and empties segments of which less than
// half is alive. One thread of its own; it decides nothing about liveness itself but asks the writing thread.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "store/engine/blob_stage.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace tegami::store::rocks {

struct CollectorOptions {
    std::chrono::seconds unreferenced_for{3600};
    std::chrono::seconds interval{60};
};

struct Collected {
    std::size_t blobs = 0;
    std::size_t segments = 0;
};

class Collector {
public:
    Collector(Database& database, Segments& segments, CommitStage& commit_stage, BlobStage& blob_stage,
              const Clock& clock, Log& log, CollectorOptions options);
    ~Collector(); ///< stops
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// One round, now, on this thread.
    StoreResult<Collected> collect();

    /// While the result lives no round is made: no segment is emptied or removed. Waits for the end of one under way.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(round_); }

    void stop();

private:
    void run();
    StoreResult<std::size_t> forget_blobs();
    StoreResult<std::size_t> forget(std::vector<BlobId> candidates, std::uint64_t before);
    StoreResult<bool> empty_segment(std::uint64_t number);
    StoreResult<> move_records(const std::vector<Segments::Entry>& entries);
    bool is_stopping();

    Database& database_;
    Segments& segments_;
    CommitStage& commit_stage_;
    BlobStage& blob_stage_;
    const Clock& clock_;
    Log& log_;
    const CollectorOptions options_;

    std::mutex round_;                ///< one round at a time
    std::set<std::uint64_t> damaged_; ///< segments that cannot be walked: left alone

    std::mutex mutex_; ///< for what follows
    std::condition_variable woken_;
    bool stopping_ = false;

    std::thread thread_;
};

} // namespace tegami::store::rocks
