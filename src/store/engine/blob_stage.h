// The first stage of the committer: one thread that appends all waiting blobs to the open segment with one write and
// one sync, and hands their rows to the second stage before it answers, so that a reference can never come first.
#pragma once

#include "store/engine/commit_stage.h"
#include "store/engine/segments.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tegami::store::rocks {

class BlobStage {
public:
    using Done = std::move_only_function<void(StoreResult<BlobRef>)>;
    using CopyDone = std::move_only_function<void(StoreResult<Location>)>;

    BlobStage(Segments& segments, CommitStage& commit_stage);
    ~BlobStage(); ///< stops
    BlobStage(const BlobStage&) = delete;
    BlobStage& operator=(const BlobStage&) = delete;

    /// Calls `done` from the stage's thread (or from this one if it is stopped).
    void store(PreparedBlob blob, Done done);
    /// Writes records that exist already to new places; their rows are the caller's. Waits.
    StoreResult<std::vector<Location>> copy(std::vector<PreparedBlob> records);
    /// Returns when the rows of everything that was in a segment before this call are known to the second stage.
    void settle();
    /// Calls `answered` from the stage's thread when it comes round the next time; never if it is stopped.
    void ask(std::function<void()> answered);
    /// Finishes what waits and ends the thread; the second stage must still run.
    void stop();

private:
    struct Waiting {
        PreparedBlob blob;
        CopyDone done;
        bool is_new = false;
    };

    void enqueue(Waiting waiting);
    void run();
    void write_group(std::vector<Waiting> group);

    Segments& segments_;
    CommitStage& commit_stage_;

    std::mutex group_; ///< held while a group is written and its rows are handed on

    std::mutex mutex_; ///< for what follows
    std::condition_variable woken_;
    bool stopping_ = false;
    std::deque<Waiting> waiting_;
    std::vector<std::function<void()>> asked_;

    std::thread thread_;
};

} // namespace tegami::store::rocks
