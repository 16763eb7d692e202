// The inside of LoggedMemoryEngine: rows, log, segments, and the committer that joins what waits into one write and one
// sync. Thread-safe; the committer's steps run on its executor.
#pragma once

#include "store/engine/commit_log.h"
#include "store/engine/logged_memory.h"
#include "store/engine/memory_rows.h"
#include "store/engine/rocks_keys.h"
#include "store/engine/segments.h"

#include <deque>
#include <functional>
#include <mutex>
#include <set>

namespace tegami::store {

class LoggedMemoryEngine::State : public std::enable_shared_from_this<State> {
public:
    using Done = std::move_only_function<void(StoreResult<Version>)>;

    State(LoggedMemoryOptions options, LoggedMemoryDependencies parts);

    StoreResult<> open();
    /// Ends the committer; what waits is written at once, or told that it was not.
    void close();

    void commit(Batch batch, Done done);

    StoreResult<> usable() const;
    StoreResult<> spill(BlobBuilder& builder);
    BlobId next_blob();
    /// Makes the blob known to batches; durable at once, or with the first batch if it is small.
    StoreResult<BlobRef> store(const PreparedBlob& blob);

    StoreResult<Page> scan(Domain domain, const Range& range) const;
    StoreResult<std::optional<std::string>> get(Domain domain, const std::string& key) const;
    StoreResult<std::vector<Domain>> domains(DomainKind kind, std::uint64_t after, std::size_t count_max) const;
    StoreResult<std::string> read(BlobId blob, std::uint64_t offset, std::uint64_t length) const;
    StoreResult<BlobStart> read_start(BlobId blob, std::uint64_t length) const;
    StoreResult<EngineReport> check() const;
    std::map<Domain, Version> versions() const;
    bool failed() const;

    const Limits& limits() const { return options_.limits; }

    async::Timers& timers() const { return parts_.timers; }

    /// The delay of one step.
    Duration step() const;

private:
    struct Waiting {
        Batch batch;
        Done done;
        StoreResult<Version> result{};
    };

    /// What the committer does next.
    enum class Step : std::uint8_t { idle, write, sync, answer };

    StoreResult<> open_usable() const;
    StoreResult<> replay(std::string_view octets);
    StoreResult<rocks::IndexRecord> find(BlobId blob) const;
    void plan(Step step);
    void run_step();
    void write_group();
    void take_group(std::set<Domain>& touched);
    void sync_group();
    void answer_group();
    void fail_group(const Error& error);

    const LoggedMemoryOptions options_;
    const LoggedMemoryDependencies parts_;

    mutable std::mutex mutex_; ///< for what follows
    MemoryRows rows_;
    std::map<BlobId, rocks::IndexRecord> index_;
    std::unique_ptr<CommitLog> log_;
    std::unique_ptr<Segments> segments_;
    std::unique_ptr<async::Timer> alarm_; ///< used on the committer's executor
    std::uint64_t opened_ = 0;            ///< times the store was opened: the high half of blob ids
    std::uint64_t last_blob_ = 0;
    std::vector<BlobId> new_blobs_; ///< not in the log yet
    std::vector<BlobId> group_blobs_;
    std::deque<Waiting> waiting_;
    std::vector<Waiting> group_;
    Step next_ = Step::idle;
    bool closed_ = false;
};

} // namespace tegami::store
