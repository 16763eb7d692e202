#include "store/engine/rocks.h"

#include "async/event.h"
#include "base/bytes.h"
#include "store/engine/backup_writer.h"
#include "store/engine/batch_check.h"
#include "store/engine/batched_reads.h"
#include "store/engine/blob_stage.h"
#include "store/engine/check.h"
#include "store/engine/collector.h"
#include "store/engine/resume.h"
#include "store/engine/rocks_log.h"

#include <boost/asio/this_coro.hpp>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <type_traits>

namespace tegami::store {

using rocks::Database;
using rocks::IndexRecord;

namespace {

using rocks::kLimits;
/// A scan of more rows hops to the pool at once: even from memory it would hold up the caller's thread.
constexpr std::size_t kRowsOnCallersThread = 64;
/// The same of Engine::get_first().
constexpr std::size_t kPrefixesOnCallersThread = 8;

std::unexpected<Error> closed() {
    return failure(Error{ErrorCode::unavailable, "engine is closed"});
}

/// Makes ids that grow: microseconds, never twice the same, then chance.
class BlobIds {
public:
    BlobIds(const Clock& clock, RandomSource& random, BlobId last)
        : clock_(clock), random_(random),
          last_(bytes::Reader(std::string_view(reinterpret_cast<const char*>(last.octets.data()), 8))
                    .big_endian<std::uint64_t>()) {}

    BlobId next() {
        const std::lock_guard lock(mutex_);
        last_ = std::max(last_ + 1, static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()));
        std::string octets;
        bytes::append_big_endian(octets, last_);
        bytes::append_big_endian(octets, random_.number());
        BlobId id;
        std::ranges::copy(octets, id.octets.begin());
        return id;
    }

private:
    const Clock& clock_;
    RandomSource& random_;
    std::mutex mutex_;
    std::uint64_t last_;
};

/// An open store; destroyed from the last member to the first, so the stages stop before what they write to.
struct OpenStore {
    std::unique_ptr<disk::Lock> lock;
    std::unique_ptr<Database> database;
    std::unique_ptr<Segments> segments;
    std::unique_ptr<rocks::CommitStage> commit_stage;
    std::unique_ptr<rocks::BlobStage> blob_stage;
    std::unique_ptr<rocks::Collector> collector;
    std::unique_ptr<BlobIds> ids;
    std::atomic<bool> stopping = false;
    std::function<void()> note_closed;

    OpenStore() = default;
    OpenStore(const OpenStore&) = delete;
    OpenStore& operator=(const OpenStore&) = delete;

    ~OpenStore() {
        collector.reset();
        blob_stage.reset();
        commit_stage.reset();
        segments.reset();
        database.reset();
        // Before it is closed, a flush under way may still take the log away that it makes superfluous.
        if (note_closed) note_closed();
    }

    void stop() {
        stopping = true;
        static_cast<void>(collector->hold()); // a backup ends now
        collector->stop();
        blob_stage->stop();
        commit_stage->stop();
    }

    /// Where the blob is; nothing if memory does not know.
    std::optional<StoreResult<IndexRecord>> find(BlobId blob, Database::Reach reach) {
        if (auto pending = commit_stage->pending(blob)) return StoreResult<IndexRecord>(*std::move(pending));
        return database->find_blob(blob, reach);
    }

    /// Finds the blob and reads from it; again if the collector moved it in between.
    template <class FromRecord, class FromSegment>
    std::invoke_result_t<FromRecord, const std::string&> read(BlobId blob, FromRecord from_record,
                                                              FromSegment from_segment) {
        for (int attempt = 0;; ++attempt) {
            TRY(const IndexRecord found, *find(blob, Database::Reach::disk));
            if (found.record) return from_record(*found.record);
            auto octets = from_segment(found.at);
            if (octets || octets.error().code != ErrorCode::not_found) return octets;
            if (attempt == 2) return failure(Error{ErrorCode::damaged, octets.error().detail});
        }
    }
};

} // namespace

/// Hands out the open store until it is closed.
class RocksEngine::Core {
public:
    Core(std::shared_ptr<OpenStore> open, RocksEngineOptions options_given, RocksEngineDependencies parts_given)
        : options(std::move(options_given)), parts(parts_given), open_(std::move(open)) {}

    std::shared_ptr<OpenStore> store() const {
        const std::lock_guard lock(mutex_);
        return open_;
    }

    /// Blocks until everything is durable and the threads have ended.
    void close() {
        std::shared_ptr<OpenStore> open;
        {
            const std::lock_guard lock(mutex_);
            open.swap(open_);
        }
        if (open) open->stop();
    }

    const RocksEngineOptions options;
    const RocksEngineDependencies parts;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<OpenStore> open_;
};

class RocksEngine::Writer final : public BlobWriter {
public:
    /// Without an id the blob gets a new one.
    explicit Writer(std::shared_ptr<Core> core, std::optional<BlobId> id = {}) : core_(std::move(core)), id_(id) {}

    async::Awaitable<StoreResult<>> append(std::string octets) override {
        if (builder_.adopt(octets)) co_return StoreResult<>{};
        std::string_view rest = octets;
        for (;;) {
            CO_TRY_VOID(builder_.take(rest));
            if (builder_.must_spill()) {
                const auto store = core_->store();
                if (!store) co_return closed();
                StoreResult<> spilled =
                    co_await async::run(&core_->parts.pool, [this, segments = store->segments.get()] {
                        return builder_.spill(core_->parts.disk, segments->directory());
                    });
                CO_TRY_VOID(std::move(spilled));
            }
            if (rest.empty()) co_return StoreResult<>{};
        }
    }

    async::Awaitable<StoreResult<BlobRef>> finish(std::string card, std::string front) override {
        CO_TRY_VOID(close(card, front));
        co_return co_await write();
    }

    StoreResult<> prepare(std::string content, std::string card) override {
        if (content.size() > kSmallBlobBytes) return failure(Error{ErrorCode::invalid, "no small blob"});
        if (!builder_.adopt(content)) {
            std::string_view rest = content;
            TRY_VOID(builder_.take(rest));
        }
        return close(card, {});
    }

    async::Awaitable<StoreResult<BlobRef>> write() override {
        const auto store = core_->store();
        if (!store) co_return closed();
        PreparedBlob blob = std::move(prepared_);
        if (blob.record_bytes <= rocks::kInlineRecordBytesMax) {
            CO_TRY_VOID(store->commit_stage->check_space());
            IndexRecord record{.ref = blob.ref, .at = {}, .record = std::make_shared<const std::string>(blob.joined())};
            rocks::CommitStage* const stage = store->commit_stage.get();
            CO_TRY_VOID(co_await answered<StoreResult<>>([stage, made = std::move(record)](auto done) mutable {
                stage->add_blob(std::move(made), std::move(done));
            }));
            co_return blob.ref;
        }
        rocks::BlobStage* const stage = store->blob_stage.get();
        co_return co_await answered<StoreResult<BlobRef>>(
            [stage, made = std::move(blob)](auto done) mutable { stage->store(std::move(made), std::move(done)); });
    }

private:
    StoreResult<> close(std::string_view card, std::string_view front) {
        const auto store = core_->store();
        if (!store) return closed();
        TRY(prepared_, builder_.finish(id_ ? *id_ : store->ids->next(), card, front));
        return {};
    }

    std::shared_ptr<Core> core_;
    const std::optional<BlobId> id_;
    BlobBuilder builder_;
    PreparedBlob prepared_;
};

namespace {

/// Limit: without so much free space RocksDB cannot begin a log, and may end the program instead of saying so.
constexpr std::uint64_t kOpenBytes = 1u << 20;

/// The names of the store and of what is in it: without them everything would be lost with the first power cut. Every
/// time, since whoever made them may have been killed before this.
StoreResult<> sync_names(disk::FileSystem& disk, const std::string& directory) {
    const std::filesystem::path parent = std::filesystem::path(directory).parent_path();
    for (const std::string& one : {directory, parent.empty() ? "." : parent.string()})
        if (const auto synced = disk.sync_directory(one); !synced) return failure(from_disk(synced.error()));
    return {};
}

} // namespace

StoreResult<std::unique_ptr<RocksEngine>> RocksEngine::open(RocksEngineOptions options, RocksEngineDependencies parts) {
    auto open = std::make_shared<OpenStore>();
    if (const auto made = parts.disk.make_directory(options.directory); !made) return failure(from_disk(made.error()));
    auto lock = parts.disk.lock(options.directory + "/LOCK");
    if (!lock && lock.error().code == disk::ErrorCode::locked)
        return failure(
            Error{ErrorCode::unavailable, "the store " + options.directory + " is in use by another process"});
    if (!lock) return failure(from_disk(lock.error()));
    open->lock = *std::move(lock);
    rocksdb::Env& env = options.rocks_env != nullptr ? *options.rocks_env : *rocksdb::Env::Default();
    if (const auto space = parts.disk.free_bytes(options.directory); space && *space < kOpenBytes)
        return failure(Error{ErrorCode::no_space, "No space left on the disk of " + options.directory});
    const std::string note = rocks::closed_note(options.directory);
    TRY_VOID(rocks::check_logs(env, options.directory + "/db", note));
    // The note is for this start: from now on the logs change.
    if (parts.disk.remove(note)) {
        if (const auto synced = parts.disk.sync_directory(options.directory); !synced)
            return failure(from_disk(synced.error()));
    }
    TRY(open->database, Database::open({.directory = options.directory + "/db",
                                        .memory_bytes = options.memory_bytes,
                                        .env = options.rocks_env,
                                        .log = &parts.log,
                                        .schema_oldest = options.schema_oldest,
                                        .schema_newest = options.schema_newest}));
    TRY(auto uses, open->database->segment_uses());
    std::map<std::uint64_t, std::uint64_t> ends;
    for (const auto& [number, use] : uses)
        ends[number] = use.end;
    TRY(open->segments, Segments::open(parts.disk, options.directory + "/segments",
                                       {.segment_bytes_max = options.segment_bytes_max}, ends));
    TRY_VOID(sync_names(parts.disk, options.directory));
    if (open->database->is_new() && !open->segments->numbers().empty())
        return failure(Error{ErrorCode::damaged, "there is mail in " + open->segments->directory() +
                                                     " but the database that says where it belongs is gone"});
    if (open->database->is_new()) TRY_VOID(open->database->write_schema(open->database->schema()));
    // So that RocksDB always has something to flush when it must leave a failed log behind (see CommitStage::resume).
    TRY_VOID(open->database->put_without_log());
    // A segment without a row was begun just before a crash and holds nothing alive: let the collector see it.
    for (const std::uint64_t number : open->segments->numbers())
        uses.try_emplace(number, rocks::SegmentUse{.end = segment::kFileMagic.size(), .live = 0});
    TRY(const BlobId last, open->database->last_blob());
    open->ids = std::make_unique<BlobIds>(parts.clock, parts.random, last);
    open->commit_stage = std::make_unique<rocks::CommitStage>(
        *open->database, parts.disk, parts.clock,
        rocks::CommitStageOptions{.directory = options.directory, .reserve_bytes = options.reserve_bytes}, uses);
    open->blob_stage = std::make_unique<rocks::BlobStage>(*open->segments, *open->commit_stage);
    open->collector = std::make_unique<rocks::Collector>(
        *open->database, *open->segments, *open->commit_stage, *open->blob_stage, parts.clock, parts.log,
        rocks::CollectorOptions{.unreferenced_for = options.unreferenced_for, .interval = options.collect_interval});
    open->note_closed = [&disk = parts.disk, &env, directory = options.directory] {
        rocks::note_closed(disk, env, directory + "/db", directory);
    };
    auto core = std::make_shared<Core>(std::move(open), std::move(options), parts);
    return std::unique_ptr<RocksEngine>(new RocksEngine(std::move(core)));
}

RocksEngine::RocksEngine(std::shared_ptr<Core> core) : core_(std::move(core)) {}

RocksEngine::~RocksEngine() {
    core_->close();
}

RocksEngine::Memory RocksEngine::memory() const {
    const auto store = core_->store();
    if (!store) return {};
    std::uint64_t write_buffers = 0;
    static_cast<void>(
        store->database->rocks().GetIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &write_buffers));
    return {.cache = store->database->block_cache().GetUsage(), .write_buffers = write_buffers};
}

void RocksEngine::set_cache_bytes(std::size_t bytes) {
    if (const auto store = core_->store()) store->database->block_cache().SetCapacity(bytes);
}

SchemaMark RocksEngine::schema() const {
    const auto store = core_->store();
    return store ? store->database->schema() : SchemaMark();
}

StoreResult<> RocksEngine::set_schema(SchemaMark mark) {
    const auto store = core_->store();
    if (!store) return closed();
    return store->database->write_schema(mark);
}

Limits RocksEngine::limits() const {
    return kLimits;
}

void RocksEngine::ask_committer(std::function<void()> answered) {
    const auto store = core_->store();
    if (!store) return;
    // The stages end before the store, and what they were asked with them.
    rocks::CommitStage* const second = store->commit_stage.get();
    store->blob_stage->ask([second, answered = std::move(answered)] { second->ask(answered); });
}

const CommitCounts* RocksEngine::commit_counts() const {
    const auto store = core_->store();
    return store ? &store->commit_stage->counts() : nullptr;
}

async::Awaitable<StoreResult<Version>> RocksEngine::commit(Batch batch) {
    const auto store = core_->store();
    if (!store) co_return closed();
    CO_TRY_VOID(check_limits(batch, kLimits));
    rocks::CommitStage* const stage = store->commit_stage.get();
    co_return co_await answered<StoreResult<Version>>(
        [stage, given = std::move(batch)](auto done) mutable { stage->commit(std::move(given), std::move(done)); });
}

async::Awaitable<StoreResult<Page>> RocksEngine::scan(Domain domain, Range range) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const std::size_t rows_max = std::clamp<std::size_t>(range.rows_max, 1, kLimits.scan_rows_max);
    if (rows_max <= kRowsOnCallersThread) {
        auto page = store->database->scan(domain, range, rows_max, Database::Reach::memory_only);
        if (page) co_return *std::move(page);
    }
    const auto read = [store, domain, range = std::move(range), rows_max] {
        return *store->database->scan(domain, range, rows_max, Database::Reach::disk);
    };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
RocksEngine::get_many(Domain domain, std::vector<std::string> keys) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const auto read = [store, domain, keys = std::move(keys)] { return store->database->get_many(domain, keys); };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
RocksEngine::get_first(Domain domain, std::vector<std::string> prefixes) {
    const auto store = core_->store();
    if (!store) co_return closed();
    if (prefixes.size() <= kPrefixesOnCallersThread) {
        auto values = store->database->get_first(domain, prefixes, Database::Reach::memory_only);
        if (values) co_return *std::move(values);
    }
    const auto read = [store, domain, prefixes = std::move(prefixes)] {
        return *store->database->get_first(domain, prefixes, Database::Reach::disk);
    };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<std::optional<std::string>>> RocksEngine::get(Domain domain, std::string key) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const std::string row = rocks::row_key(domain, key);
    auto value = store->database->get(row, Database::Reach::memory_only);
    if (value) co_return *std::move(value);
    const auto read = [store, row] { return *store->database->get(row, Database::Reach::disk); };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<std::vector<Domain>>> RocksEngine::domains(DomainKind kind, std::uint64_t after,
                                                                        std::size_t count_max) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const auto read = [store, kind, after, count_max] { return store->database->domains(kind, after, count_max); };
    co_return co_await async::run(&core_->parts.pool, read);
}

std::unique_ptr<BlobWriter> RocksEngine::new_blob() {
    return std::make_unique<Writer>(core_);
}

std::unique_ptr<BlobWriter> RocksEngine::restored_blob(BlobId id) {
    return std::make_unique<Writer>(core_, id);
}

async::Awaitable<StoreResult<std::string>> RocksEngine::read_blob(BlobId blob, std::uint64_t offset,
                                                                  std::uint64_t length) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const auto found = store->find(blob, Database::Reach::memory_only);
    if (found && !*found) co_return failure(found->error());
    if (found && (*found)->record) co_return content_of_record(*(*found)->record, blob, offset, length);
    const auto read = [store, blob, offset, length] {
        return store->read(
            blob, [&](const std::string& record) { return content_of_record(record, blob, offset, length); },
            [&](const Location& at) { return store->segments->read_content(at, blob, offset, length); });
    };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<BlobStarts>> RocksEngine::read_starts(std::vector<BlobId> blobs, StartWanted wanted) {
    const auto store = core_->store();
    if (!store) co_return closed();
    if (blobs.size() == 1) {
        const auto found = store->find(blobs.front(), Database::Reach::memory_only);
        if (found && *found && (*found)->record) {
            BlobStarts starts;
            starts.push_back(start_of_record(*(*found)->record, blobs.front(), wanted.length));
            co_return starts;
        }
    }
    const auto read_one = [store, wanted](BlobId blob) {
        return store->read(
            blob, [&](const std::string& record) { return start_of_record(record, blob, wanted.length); },
            [&](const Location& at) { return store->segments->read_start(at, blob, wanted.length); });
    };
    const auto read = [store, read_one, wanted, blobs = std::move(blobs)] {
        return collect_starts(blobs, wanted, read_one);
    };
    co_return co_await async::run(&core_->parts.pool, read);
}

async::Awaitable<StoreResult<EngineReport>> RocksEngine::check(ProgressPtr progress) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const auto walk = [store, &progress] {
        return rocks::check_store(
            *store->database, *store->segments, *store->commit_stage, [&] { return store->stopping.load(); },
            progress.get());
    };
    co_return co_await async::run(&core_->parts.long_jobs, walk);
}

async::Awaitable<StoreResult<RocksEngine::Collected>> RocksEngine::collect() {
    const auto store = core_->store();
    if (!store) co_return closed();
    const auto round = [store]() -> StoreResult<Collected> {
        TRY(const rocks::Collected done, store->collector->collect());
        return Collected{done.blobs, done.segments};
    };
    co_return co_await async::run(&core_->parts.long_jobs, round);
}

namespace {

/// A backup on its way; shared with its job, which outlives a cancelled caller by a moment.
struct RunningBackup {
    explicit RunningBackup(async::Executor executor) : done(std::move(executor)) {}

    std::atomic<bool> cancelled = false;
    std::optional<StoreResult<BackupDone>> result;
    async::Event done;
};

class CancelOnExit {
public:
    explicit CancelOnExit(std::shared_ptr<RunningBackup> running) : running_(std::move(running)) {}

    ~CancelOnExit() { running_->cancelled = true; }

    CancelOnExit(const CancelOnExit&) = delete;
    CancelOnExit& operator=(const CancelOnExit&) = delete;

private:
    const std::shared_ptr<RunningBackup> running_;
};

StoreResult<BackupDone> write_backup(OpenStore& store, const RocksEngineDependencies& parts,
                                     const BackupOptions& options, const std::function<bool()>& stopped) {
    rocks::CommitStage* const stage = store.commit_stage.get();
    const auto uses = [stage]() -> StoreResult<std::map<std::uint64_t, rocks::SegmentUse>> {
        std::map<std::uint64_t, rocks::SegmentUse> now;
        TRY_VOID(stage->maintain([&now](rocksdb::WriteBatch&, std::map<std::uint64_t, rocks::SegmentUse>& all) {
            now = all;
            return StoreResult<>{};
        }));
        return now;
    };
    const rocks::BackupSource source{
        .database = *store.database, .segments = store.segments->directory(), .uses = uses};
    return rocks::write_backup(parts.disk, parts.clock, source, options, stopped);
}

} // namespace

async::Awaitable<StoreResult<BackupDone>> RocksEngine::backup(BackupOptions options) {
    const auto store = core_->store();
    if (!store) co_return closed();
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto running = std::make_shared<RunningBackup>(executor);
    const CancelOnExit cancel(running);
    core_->parts.long_jobs.submit(
        [mine = running, store, parts = core_->parts, options = std::move(options)]() mutable {
            // Stopping waits for this: while it is held, everything that the job uses is there.
            const auto held = store->collector->hold();
            const std::shared_ptr<RunningBackup> job = std::move(mine);
            const auto stopped = [&] { return job->cancelled || store->stopping; };
            job->result = stopped() ? closed() : write_backup(*store, parts, options, stopped);
            job->done.set();
        });
    co_await running->done.wait();
    co_return *std::move(running->result);
}

async::Awaitable<void> RocksEngine::close() {
    const auto close_core = [core = core_] { core->close(); };
    co_await async::run(&core_->parts.pool, close_core);
}

} // namespace tegami::store
