// The second stage of the committer: one thread that joins all waiting batches into one synced RocksDB write.
//
// 1. Only this thread writes to RocksDB, so what it has checked still holds when it writes.
// 2. A blob's row is in the same write as the first batch that references it, or in an earlier one.
// 3. A group whose write fails is failed as a whole; its blobs stay pending and go with the next group.
// 4. Rows of blobs wait for the next batch: they alone do not wake the thread (below a few MiB), because
//    the batch that references them is about to come and one sync does for both.
// 5. Guards are decided against what the group has changed so far (group_rows): however many guarded batches of one
//    domain wait, they are one sync.
#pragma once

#include "base/clock.h"
#include "disk/file_system.h"
#include "store/engine/commit_counts.h"
#include "store/engine/rocks_database.h"

#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace tegami::store::rocks {

struct CommitStageOptions {
    std::string directory;                       ///< where free space is asked for
    std::uint64_t reserve_bytes = 128u << 20;    ///< free space below which new mail is refused
    std::size_t versions_cached_max = 64 * 1024; ///< domains
};

class CommitStage {
public:
    using Done = std::move_only_function<void(StoreResult<Version>)>;
    using BlobDone = std::move_only_function<void(StoreResult<>)>;
    /// What the collector does on the writing thread: looks, adds to the write, and changes the uses given.
    using Maintenance =
        std::function<StoreResult<>(rocksdb::WriteBatch& write, std::map<std::uint64_t, SegmentUse>& uses)>;

    CommitStage(Database& database, disk::FileSystem& disk, const Clock& clock, CommitStageOptions options,
                std::map<std::uint64_t, SegmentUse> uses);
    ~CommitStage(); ///< stops
    CommitStage(const CommitStage&) = delete;
    CommitStage& operator=(const CommitStage&) = delete;

    /// Calls `done` from the stage's thread (or from this one if it is stopped). The batch is within the limits.
    void commit(Batch batch, Done done);
    /// Calls `done` when the blob may be referenced: at once (from this thread) unless too much waits to be written;
    /// then from the stage's thread when there is room, or with the error of the write that failed. Errors: no_space,
    /// unavailable.
    void add_blob(IndexRecord record, BlobDone done);
    /// A blob whose row is not written yet.
    std::optional<IndexRecord> pending(BlobId blob) const;
    /// Whether the row of any blob in this segment is not written yet.
    bool has_pending_in(std::uint64_t segment) const;
    /// Runs it on the stage's thread, in a write of its own, and waits.
    StoreResult<> maintain(Maintenance maintenance);
    std::map<std::uint64_t, SegmentUse> uses() const;
    /// Calls `answered` from the stage's thread when it comes round the next time; never if it is stopped.
    void ask(std::function<void()> answered);

    const CommitCounts& counts() const { return counts_; }

    /// Whether there is room for new mail.
    StoreResult<> check_space() const;
    /// Finishes what waits, writes the rows of pending blobs, and ends the thread.
    void stop();

private:
    struct Waiting {
        Batch batch;
        Done done;
        Instant since{};
    };

    struct HeldBlob {
        IndexRecord record;
        BlobDone done;
    };

    struct MaintenanceRequest {
        Maintenance maintenance;
        std::promise<StoreResult<>> done;
    };

    struct Group;

    void run();
    void write_group(std::vector<IndexRecord> blobs, std::vector<Waiting> commits);
    StoreResult<Version> add_to_group(Group& group, const Batch& batch);
    StoreResult<> check_batch(Group& group, const Batch& batch);
    StoreResult<std::optional<std::string>> value_in(Group& group, Domain domain, const std::string& key);
    StoreResult<Version> version_in(Group& group, Domain domain);
    void add_operations(Group& group, const Batch& batch);
    void add_operation(Group& group, const Batch& batch, const Operation& operation);
    void add_delete_range(Group& group, Domain domain, const DeleteRange& range, std::span<const Operation> puts);
    void take_blob(IndexRecord record);
    void let_in_held_blobs();
    void refuse_held_blobs(const Error& why);
    void add_blob_row(Group& group, const IndexRecord& record);
    StoreResult<> write(rocksdb::WriteBatch& batch);
    StoreResult<> resume();
    void settle(Group& group, const std::vector<IndexRecord>& blobs);
    void run_maintenance(MaintenanceRequest request);
    std::uint64_t free_bytes() const;

    Database& database_;
    disk::FileSystem& disk_;
    const Clock& clock_;
    const CommitStageOptions options_;
    bool must_resume_ = false;           ///< the last write failed; the stage's thread only
    std::uint64_t failed_log_ = 0;       ///< the write-ahead log that the last write failed on
    std::map<Domain, Version> versions_; ///< cache; the stage's thread only
    CommitCounts counts_;

    mutable std::mutex mutex_; ///< for what follows
    std::condition_variable woken_;
    bool stopping_ = false;
    std::deque<Waiting> commits_;
    std::vector<IndexRecord> new_blobs_;
    std::size_t new_blobs_bytes_ = 0;
    std::deque<HeldBlob> held_blobs_; ///< only while new_blobs_bytes_ is at its limit
    std::deque<MaintenanceRequest> maintenance_;
    std::vector<std::function<void()>> asked_;
    std::map<BlobId, IndexRecord> pending_; ///< new and held blobs, and those in the group being written
    std::map<std::uint64_t, SegmentUse> uses_;

    std::thread thread_;
};

} // namespace tegami::store::rocks
