// A point of a backup as an engine that can only be read: the same tables and segments, opened in place in the folder.
//
// 1. Nothing in the folder changes; commit() and new blobs answer `unavailable`.
// 2. The folder is in use as long as this lives.
#pragma once

#include "async/worker_pool.h"
#include "store/engine/backup_folder.h"
#include "store/engine/engine.h"

#include <memory>
#include <string>

namespace tegami::store {

class BackupReader final : public Engine {
public:
    /// Blocks. Errors: damaged, unavailable. `folder` was opened for reading and has the point.
    static StoreResult<std::unique_ptr<BackupReader>> open(std::unique_ptr<BackupFolder> folder,
                                                           const BackupPoint& point, async::WorkerPool& pool);
    ~BackupReader() override;

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
    /// Answers `unavailable`: BackupFolder::check does this.
    async::Awaitable<StoreResult<EngineReport>> check(ProgressPtr progress) override;
    async::Awaitable<void> close() override;

private:
    struct Open;
    BackupReader(std::shared_ptr<Open> open, async::WorkerPool& pool);

    std::shared_ptr<Open> open_; ///< shared with jobs of the pool that outlive a cancelled call
    async::WorkerPool& pool_;
};

} // namespace tegami::store
