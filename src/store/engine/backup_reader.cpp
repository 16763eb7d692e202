#include "store/engine/backup_reader.h"
#include "store/engine/batched_reads.h"

#include "store/engine/rocks_database.h"
#include "store/engine/segments.h"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <map>

namespace tegami::store {

using rocks::Database;

namespace {

/// RocksDB's cache: a restore reads most things once.
constexpr std::size_t kMemoryBytes = 32u << 20;

std::unexpected<Error> read_only() {
    return failure(Error{ErrorCode::unavailable, "a backup can only be read"});
}

class NoWriter final : public BlobWriter {
public:
    async::Awaitable<StoreResult<>> append(std::string) override { co_return read_only(); }

    async::Awaitable<StoreResult<BlobRef>> finish(std::string, std::string) override { co_return read_only(); }

    StoreResult<> prepare(std::string, std::string) override { return read_only(); }

    async::Awaitable<StoreResult<BlobRef>> write() override { co_return read_only(); }
};

} // namespace

struct BackupReader::Open {
    std::unique_ptr<BackupFolder> folder;
    rocksdb::BackupInfo info; ///< has the Env that finds the shared tables
    std::unique_ptr<Database> database;
    std::unique_ptr<Segments> segments;
};

BackupReader::BackupReader(std::shared_ptr<Open> open, async::WorkerPool& pool) : open_(std::move(open)), pool_(pool) {}

BackupReader::~BackupReader() = default;

StoreResult<std::unique_ptr<BackupReader>> BackupReader::open(std::unique_ptr<BackupFolder> folder,
                                                              const BackupPoint& point, async::WorkerPool& pool) {
    auto open = std::make_shared<Open>();
    TRY(const auto backups, folder->read_database());
    const rocksdb::Status found = backups->GetBackupInfo(point.database, &open->info, true);
    if (!found.ok()) return failure(rocks::from_status(found, "the database of the backup " + point.name));
    TRY(open->database, Database::open_to_read({.directory = open->info.name_for_open,
                                                .memory_bytes = kMemoryBytes,
                                                .env = open->info.env_for_open.get(),
                                                .must_exist = true}));
    std::map<std::uint64_t, std::string> files;
    for (const BackupSegment& segment : point.segments)
        files[segment.number] = folder->segments_path() + "/" + segment.file;
    open->segments = Segments::of_files(folder->disk(), std::move(files));
    open->folder = std::move(folder);
    return std::unique_ptr<BackupReader>(new BackupReader(std::move(open), pool));
}

Limits BackupReader::limits() const {
    return rocks::kLimits;
}

async::Awaitable<StoreResult<Version>> BackupReader::commit(Batch) {
    co_return read_only();
}

async::Awaitable<StoreResult<Page>> BackupReader::scan(Domain domain, Range range) {
    const auto read = [open = open_, domain, range = std::move(range)] {
        const std::size_t rows_max = std::clamp<std::size_t>(range.rows_max, 1, rocks::kLimits.scan_rows_max);
        return *open->database->scan(domain, range, rows_max, Database::Reach::disk);
    };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
BackupReader::get_many(Domain domain, std::vector<std::string> keys) {
    const auto read = [&] { return open_->database->get_many(domain, keys); };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
BackupReader::get_first(Domain domain, std::vector<std::string> prefixes) {
    const auto read = [&] { return *open_->database->get_first(domain, prefixes, Database::Reach::disk); };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<std::optional<std::string>>> BackupReader::get(Domain domain, std::string key) {
    const auto read = [open = open_, row = rocks::row_key(domain, key)] {
        return *open->database->get(row, Database::Reach::disk);
    };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<std::vector<Domain>>> BackupReader::domains(DomainKind kind, std::uint64_t after,
                                                                         std::size_t count_max) {
    const auto read = [open = open_, kind, after, count_max] {
        return open->database->domains(kind, after, count_max);
    };
    co_return co_await async::run(&pool_, read);
}

std::unique_ptr<BlobWriter> BackupReader::new_blob() {
    return std::make_unique<NoWriter>();
}

async::Awaitable<StoreResult<std::string>> BackupReader::read_blob(BlobId blob, std::uint64_t offset,
                                                                   std::uint64_t length) {
    const auto read = [open = open_, blob, offset, length]() -> StoreResult<std::string> {
        TRY(const rocks::IndexRecord found, *open->database->find_blob(blob, Database::Reach::disk));
        if (found.record) return content_of_record(*found.record, blob, offset, length);
        return open->segments->read_content(found.at, blob, offset, length);
    };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<BlobStarts>> BackupReader::read_starts(std::vector<BlobId> blobs, StartWanted wanted) {
    const auto read_one = [open = open_, wanted](BlobId blob) -> StoreResult<BlobStart> {
        TRY(const rocks::IndexRecord found, *open->database->find_blob(blob, Database::Reach::disk));
        if (found.record) return start_of_record(*found.record, blob, wanted.length);
        return open->segments->read_start(found.at, blob, wanted.length);
    };
    const auto read = [&] { return collect_starts(blobs, wanted, read_one); };
    co_return co_await async::run(&pool_, read);
}

async::Awaitable<StoreResult<EngineReport>> BackupReader::check(ProgressPtr) {
    co_return failure(Error{ErrorCode::unavailable, "a backup is checked in another way"});
}

async::Awaitable<void> BackupReader::close() {
    co_return;
}

} // namespace tegami::store
