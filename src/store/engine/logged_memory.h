// The engine for simulation: rows in memory like MemoryEngine, but durable in the way that a real engine is. Commits go
// through a synced log and blobs through the real segments, on any disk; what a crash of that disk takes is gone.
//
// 1. A commit takes virtual time in three steps (write, sync, answer), each with a delay of its own, so that crashes
//    and other callers fall between them. Commits that wait meanwhile share the next write and sync, as in RocksEngine.
// 2. Readers see a batch once it is durable, never before.
// 3. Small blobs ride in the log with the next commit; larger ones are synced in a segment before finish() returns.
// 4. After a failed sync of the log everything but reading is unavailable until the store is opened again.
// 5. Nothing is collected: stores of this engine live for one simulated run.
#pragma once

#include "async/timer.h"
#include "base/random.h"
#include "disk/file_system.h"
#include "store/engine/engine.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace tegami::store {

struct LoggedMemoryOptions {
    std::string directory;
    std::uint64_t segment_bytes_max = 256u << 20;
    /// Bounds of each step's delay.
    Duration step_min = std::chrono::microseconds(50);
    Duration step_max = std::chrono::milliseconds(3);
    Limits limits{
        .batch_bytes_max = 4 << 20, .batch_operations_max = 65536, .value_bytes_max = 1 << 20, .scan_rows_max = 1000};
};

/// All of it outlives the engine.
struct LoggedMemoryDependencies {
    disk::FileSystem& disk;
    async::Timers& timers;
    async::Executor executor; ///< of the committer: one thread or a strand
    RandomSource& random;     ///< for delays
};

class LoggedMemoryEngine final : public Engine {
public:
    /// Opens the store, or makes it. Errors: no_space, unavailable, damaged.
    static StoreResult<std::unique_ptr<LoggedMemoryEngine>> open(LoggedMemoryOptions options,
                                                                 LoggedMemoryDependencies parts);
    ~LoggedMemoryEngine() override; ///< closes
    LoggedMemoryEngine(const LoggedMemoryEngine&) = delete;
    LoggedMemoryEngine& operator=(const LoggedMemoryEngine&) = delete;

    /// What a reader could see at this moment: every domain with its version.
    std::map<Domain, Version> versions() const;
    /// The disk has failed so that only opening the store again helps.
    bool failed() const;

    Limits limits() const override;
    async::Awaitable<StoreResult<Version>> commit(Batch batch) override;
    async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) override;
    async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_many(Domain domain, std::vector<std::string> keys) override;
    async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_first(Domain domain, std::vector<std::string> prefixes) override;
    async::Awaitable<StoreResult<std::optional<std::string>>> get(Domain domain, std::string key) override;
    async::Awaitable<StoreResult<std::vector<Domain>>> domains(DomainKind kind, std::uint64_t after,
                                                               std::size_t count_max) override;
    std::unique_ptr<BlobWriter> new_blob() override;
    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) override;
    async::Awaitable<StoreResult<BlobStarts>> read_starts(std::vector<BlobId> blobs, StartWanted wanted) override;
    async::Awaitable<StoreResult<EngineReport>> check(ProgressPtr progress) override;
    async::Awaitable<void> close() override;

private:
    class State;
    class Writer;
    explicit LoggedMemoryEngine(std::shared_ptr<State> state);
    std::shared_ptr<State> state_; ///< shared with writers that may outlive the engine
};

} // namespace tegami::store
