// The engine that keeps everything in memory: for tests, for simulation and for trying things out.
//
// 1. Durable means: until the object is destroyed.
// 2. Deterministic: blob ids count up from one; no clock, no randomness, no thread.
// 3. Thread-safe; every call that can fail suspends once, so races of the callers show in tests as they would with
//    a disk.
#pragma once

#include "store/engine/engine.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tegami::store {

struct MemoryEngineOptions {
    Limits limits{
        .batch_bytes_max = 4 << 20, .batch_operations_max = 65536, .value_bytes_max = 1 << 20, .scan_rows_max = 1000};
};

/// So small that a caller which does not page, split or retry fails at once.
Limits tiny_limits();

class MemoryEngine final : public Engine {
public:
    /// Which calls an injected failure counts and hits.
    enum class Call : std::uint8_t { any, commit, scan, get, domains, blob_write, blob_read, check };

    explicit MemoryEngine(MemoryEngineOptions options = {});
    ~MemoryEngine() override;
    MemoryEngine(const MemoryEngine&) = delete;
    MemoryEngine& operator=(const MemoryEngine&) = delete;

    /// The `nth` call of this kind from now on (1 is the next) fails with `code` and changes nothing. Several
    /// failures may wait at once.
    void fail(Call call, std::uint64_t nth, ErrorCode code);
    /// Forgets the failures that have not happened.
    void clear_failures();
    /// How many calls of this kind were made so far.
    std::uint64_t calls(Call call) const;

    /// Removes every blob that nothing references, as other engines do after an hour; returns how many.
    std::size_t collect();
    /// Blobs that exist now.
    std::size_t blob_count() const;
    /// Turns one bit of the stored content around, so that reading it reports `damaged`.
    void damage(BlobId blob);
    /// From now on the row cannot be read, as if its place on a disk were damaged, until it is written over or deleted.
    void damage_row(Domain domain, std::string key);

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
    std::shared_ptr<State> state_; ///< shared with writers that may outlive the engine
};

} // namespace tegami::store
