// The embedded engine: RocksDB for rows and small blobs, append-only segments for the others, one committer for both.
// Files and rules: docs/formats/engine_rocksdb.md and segments.md.
//
// 1. Reads that memory can answer do so on the caller's thread; the others hop to the pool for short reads. What takes
//    seconds to hours has a pool of its own.
// 2. Commits are joined by the second stage, blobs by the first; the stages run in parallel.
// 3. One process has a store open.
// Close it (or destroy it) when no call is running, before the worker pools and the callers' executors go.
#pragma once

#include "async/worker_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/file_system.h"
#include "store/engine/backup_options.h"
#include "store/engine/commit_counts.h"
#include "store/engine/engine.h"
#include "store/engine/schema_mark.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}

namespace tegami::store {

struct RocksEngineOptions {
    std::string directory;
    std::size_t memory_bytes = 64u << 20;     ///< RocksDB's cache and write buffers together
    std::uint64_t reserve_bytes = 128u << 20; ///< free disk space below which new mail is refused
    std::uint64_t segment_bytes_max = 256u << 20;
    std::chrono::seconds unreferenced_for{3600}; ///< how long a blob may wait for a reference
    std::chrono::seconds collect_interval{60};
    std::uint32_t schema_oldest = kSchemaVersion;
    std::uint32_t schema_newest = kSchemaVersion; ///< and that of a store that is made
    rocksdb::Env* rocks_env = nullptr;            ///< for tests that make RocksDB's disk fail
};

/// What the engine runs on; all of it outlives the engine.
struct RocksEngineDependencies {
    disk::FileSystem& disk;
    const Clock& clock;
    RandomSource& random; ///< safe to use from any thread
    Log& log;
    async::WorkerPool& pool;      ///< short reads
    async::WorkerPool& long_jobs; ///< check, collecting, backup
};

class RocksEngine final : public Engine {
public:
    /// Opens the store, or makes it. Blocks. Errors: unavailable (another process has it open; I/O), invalid (a newer
    /// schema, or one that is too old), damaged, no_space.
    static StoreResult<std::unique_ptr<RocksEngine>> open(RocksEngineOptions options, RocksEngineDependencies parts);
    ~RocksEngine() override; ///< closes; blocks
    RocksEngine(const RocksEngine&) = delete;
    RocksEngine& operator=(const RocksEngine&) = delete;

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
    /// For a blob of a backup, which keeps its id: octets and card are what they were. It may be there already.
    std::unique_ptr<BlobWriter> restored_blob(BlobId id);
    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) override;
    async::Awaitable<StoreResult<BlobStarts>> read_starts(std::vector<BlobId> blobs, StartWanted wanted) override;
    async::Awaitable<StoreResult<EngineReport>> check(ProgressPtr progress) override;
    async::Awaitable<void> close() override;

    /// One round of collecting now; how many blobs were forgotten and segments removed.
    struct Collected {
        std::size_t blobs = 0;
        std::size_t segments = 0;
    };

    async::Awaitable<StoreResult<Collected>> collect();

    /// What RocksDB holds in memory, in octets.
    struct Memory {
        std::uint64_t cache = 0;
        std::uint64_t write_buffers = 0;
    };

    Memory memory() const;
    /// Makes RocksDB's cache larger or smaller from now on; what is too much of it goes at once. At the start it is half of
    /// RocksEngineOptions::memory_bytes.
    void set_cache_bytes(std::size_t bytes);

    /// Has both threads of the committer answer, one after the other, when they come round; never if one hangs, or the
    /// engine is closed. From any thread.
    void ask_committer(std::function<void()> answered);
    /// Valid as long as the engine is open.
    const CommitCounts* commit_counts() const;

    /// The schema that the store carries.
    SchemaMark schema() const;
    /// Marks the store as one of this schema, durably. Only for steps between schemas (store/recovery/schema.h), while
    /// nobody else uses the engine. Blocks.
    StoreResult<> set_schema(SchemaMark mark);

    /// Adds a point to a folder of backups, with everything that was committed before the call; others go on meanwhile,
    /// only the collector waits. It ends early, without a point, if the caller is cancelled or the engine closed.
    /// Errors: see write_backup().
    async::Awaitable<StoreResult<BackupDone>> backup(BackupOptions options);

    class Core;

private:
    class Writer;
    explicit RocksEngine(std::shared_ptr<Core> core);

    std::shared_ptr<Core> core_; ///< shared with writers and calls that may outlive a close()
};

} // namespace tegami::store
