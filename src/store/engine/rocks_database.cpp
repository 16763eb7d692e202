#include "store/engine/rocks_database.h"

#include "base/bytes.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <numeric>

#if __has_feature(thread_sanitizer)
/// RocksDB comes as a library without instrumentation: its memory tables are read and written without a lock, ordered
/// by barriers that ThreadSanitizer does not see. What the thread of its BackupEngine does with strings seems to come
/// from the standard library.
extern "C" const char* __tsan_default_suppressions() {
    return "race:librocksdb.so\ncalled_from_lib:libstdc++.so\n";
}
#endif

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kPageBytesMax = 1u << 20; // a page ends after so many octets, however many rows were asked for
constexpr int kOpenFilesMax = 256;
/// Four shards: the index or filter of a large table takes a megabyte, and what does not fit one shard is never kept
/// but read and unpacked for each look.
constexpr int kCacheShardBits = 2;
/// Limit: octets of a key by which two blocks are told apart; longer keys are only mailbox names.
constexpr std::size_t kSeparatorBytesMax = 256;
constexpr std::size_t kWriteBufferBytesMin = 4u << 20;
constexpr std::size_t kWriteBufferBytesMax = 64u << 20;

/// Leaves recovery from errors to the commit stage, which knows when to try: RocksDB's own polls every five seconds and
/// refuses to be resumed meanwhile. And keeps a damaged table from stopping everything: a compaction that cannot read
/// changes nothing and is tried again later, while mail is taken and read elsewhere; without this RocksDB would refuse
/// every write.
class Background final : public rocksdb::EventListener {
public:
    explicit Background(Log* log) : log_(log) {}

    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
        *auto_recovery = false;
    }

    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
        if (reason != rocksdb::BackgroundErrorReason::kCompaction || !status->IsCorruption()) return;
        if (log_ != nullptr && !told_.exchange(true))
            log_->error("a table of the store is damaged: stop the server and run tegami repair",
                        {{"reason", status->ToString()}});
        *status = rocksdb::Status::OK();
    }

private:
    Log* const log_;
    std::atomic<bool> told_ = false;
};

rocksdb::Options settings(const DatabaseOptions& options) {
    rocksdb::Options settings;
    settings.create_if_missing = !options.must_exist;
    if (options.env != nullptr) settings.env = options.env;
    settings.paranoid_checks = true;
    settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    settings.max_open_files = kOpenFilesMax;
    settings.max_background_jobs = 2;
    settings.write_buffer_size = std::clamp(options.memory_bytes / 6, kWriteBufferBytesMin, kWriteBufferBytesMax);
    settings.max_write_buffer_number = 3;
    settings.max_total_wal_size = 4 * settings.write_buffer_size;
    settings.allow_concurrent_memtable_write = false; // one thread writes
    settings.avoid_flush_during_shutdown = true;      // the log is synced: nothing to gain but a slow exit
    settings.compression = rocksdb::kLZ4Compression;
    settings.level_compaction_dynamic_level_bytes = true;
    settings.bytes_per_sync = 1u << 20;
    settings.listeners.push_back(std::make_shared<Background>(options.log));
    settings.max_bgerror_resume_count = 0;
    settings.keep_log_file_num = 2;
    settings.info_log_level = rocksdb::WARN_LEVEL;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.memory_bytes / 2, kCacheShardBits);
    table.cache_index_and_filter_blocks = true; // so that the cache's size bounds them too
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3; // repair finds the end of a block by it (raw_table.h)
    settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return settings;
}

rocksdb::ReadOptions read_options(Database::Reach reach) {
    rocksdb::ReadOptions options;
    if (reach == Database::Reach::memory_only) options.read_tier = rocksdb::kBlockCacheTier;
    return options;
}

std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

/// Holds a snapshot as long as it lives.
class Snapshot {
public:
    explicit Snapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}

    ~Snapshot() { db_.ReleaseSnapshot(snapshot_); }

    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    const rocksdb::Snapshot* get() const { return snapshot_; }

private:
    rocksdb::DB& db_;
    const rocksdb::Snapshot* snapshot_;
};

/// Adds keys that cannot be read to those before them, if they touch.
void add_damage(std::vector<DamagedKeys>& damaged, std::string begin, std::string end) {
    if (!damaged.empty() && damaged.back().end == begin)
        damaged.back().end = std::move(end);
    else
        damaged.push_back({std::move(begin), std::move(end)});
}

} // namespace

Error from_status(const rocksdb::Status& status, std::string_view what) {
    const std::string detail = fmt::format("{}: {}", what, status.ToString());
    if (status.IsCorruption()) return {ErrorCode::damaged, detail};
    if (status.IsNotFound()) return {ErrorCode::not_found, detail};
    if (status.IsNoSpace()) return {ErrorCode::no_space, detail};
    return {ErrorCode::unavailable, detail};
}

StoreResult<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    TRY(std::unique_ptr<Database> database, open_unchecked(options));
    TRY_VOID(database->check_schema(options));
    return database;
}

StoreResult<std::unique_ptr<Database>> Database::open_to_read(const DatabaseOptions& options) {
    TRY(std::unique_ptr<Database> database, open_read_only(options));
    TRY_VOID(database->check_schema(options));
    return database;
}

StoreResult<std::unique_ptr<Database>> Database::open_as(Opening open, const DatabaseOptions& options) {
    const rocksdb::Options chosen = settings(options);
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = open(chosen, options.directory, &db);
    if (!status.ok()) return failure(from_status(status, "open the database " + options.directory));
    std::unique_ptr<Database> database(new Database());
    database->db_.reset(db);
    database->block_cache_ = chosen.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>()->block_cache;
    return database;
}

StoreResult<std::unique_ptr<Database>> Database::open_unchecked(const DatabaseOptions& options) {
    return open_as(&rocksdb::DB::Open, options);
}

StoreResult<std::unique_ptr<Database>> Database::open_read_only(const DatabaseOptions& options) {
    const auto open = [](const rocksdb::Options& chosen, const std::string& directory, rocksdb::DB** db) {
        return rocksdb::DB::OpenForReadOnly(chosen, directory, db);
    };
    return open_as(open, options);
}

bool Database::can_open_table(const std::string& path) {
    rocksdb::SstFileReader reader(settings({}));
    return reader.Open(path).ok();
}

StoreResult<> Database::check_table(const std::string& path) {
    rocksdb::SstFileReader reader(settings({}));
    rocksdb::Status sound = reader.Open(path);
    if (sound.ok()) sound = reader.VerifyChecksum();
    if (!sound.ok()) return failure(from_status(sound, "read it"));
    return {};
}

void Database::keys_of_table(const std::string& path, const std::string& from, const std::string& to,
                             std::set<std::string>& keys) {
    rocksdb::SstFileReader reader(settings({}));
    if (!reader.Open(path).ok()) return;
    const std::unique_ptr<rocksdb::Iterator> at(reader.NewIterator({}));
    for (at->Seek(from); at->Valid() && view(at->key()) < to; at->Next())
        keys.insert(at->key().ToString());
}

rocksdb::Status Database::repair(const DatabaseOptions& options) {
    return rocksdb::RepairDB(options.directory, settings(options));
}

Database::~Database() {
    if (db_) db_->Close();
}

StoreResult<> Database::check_schema(const DatabaseOptions& options) {
    TRY(const std::optional<std::string> value, *get(std::string(kSchemaKey), Reach::disk));
    if (!value) {
        is_new_ = true;
        schema_ = SchemaMark{.version = options.schema_newest};
        return {};
    }
    const std::optional<SchemaMark> mark = decode_schema(*value);
    if (!mark) return failure(Error{ErrorCode::damaged, "the store's schema version cannot be read"});
    if (mark->version > options.schema_newest)
        return failure(Error{ErrorCode::invalid,
                             fmt::format("the store was written by a newer program: its schema is {}, this program "
                                         "knows up to {}",
                                         mark->version, options.schema_newest)});
    if (mark->version < options.schema_oldest)
        return failure(Error{ErrorCode::invalid,
                             fmt::format("the store was written by an older program: its schema is {}, this program "
                                         "takes up stores from {} on",
                                         mark->version, options.schema_oldest)});
    schema_ = *mark;
    return {};
}

StoreResult<> Database::write_schema(SchemaMark mark) {
    rocksdb::WriteOptions options;
    options.sync = true;
    schema_ = mark;
    TRY_VOID(put_schema(options));
    is_new_ = false;
    return {};
}

StoreResult<> Database::put_without_log() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return put_schema(options);
}

StoreResult<> Database::put_schema(const rocksdb::WriteOptions& options) {
    const auto status = db_->Put(options, rocksdb::Slice(kSchemaKey.data(), kSchemaKey.size()), encode_schema(schema_));
    if (!status.ok()) return failure(from_status(status, "write the schema version"));
    return {};
}

std::uint64_t Database::octets() {
    std::uint64_t octets = 0;
    static_cast<void>(db_->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &octets)); // 0 if it cannot say
    return octets;
}

std::uint64_t Database::log_number() {
    std::unique_ptr<rocksdb::LogFile> log;
    return db_->GetCurrentWalFile(&log).ok() && log ? log->LogNumber() : 0;
}

std::optional<StoreResult<Page>> Database::scan(Domain domain, const Range& range, std::size_t rows_max, Reach reach) {
    const Snapshot snapshot(*db_);
    rocksdb::ReadOptions options = read_options(reach);
    options.snapshot = snapshot.get();
    Page page;
    std::string version;
    const rocksdb::Status found = db_->Get(options, version_key(domain), &version);
    if (found.IsIncomplete()) return std::nullopt;
    if (found.IsNotFound()) return page;
    const auto number = decode_number(version);
    if (!found.ok()) return failure(from_status(found, "read a domain's version"));
    if (!number) return failure(Error{ErrorCode::damaged, "a domain's version"});
    page.version = Version(*number);

    const std::string prefix = domain_prefix(domain);
    std::string begin = prefix + range.begin;
    const std::string end = range.end.empty() ? domain_end(domain) : prefix + range.end;
    if (end <= begin) return page;
    const rocksdb::Slice lower(begin);
    const rocksdb::Slice upper(end);
    options.iterate_lower_bound = &lower;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    std::size_t page_bytes = 0;
    std::string next = begin; // what has not been looked at begins here
    range.reverse ? at->SeekToLast() : at->SeekToFirst();
    for (;;) {
        for (; at->Valid(); range.reverse ? at->Prev() : at->Next()) {
            if (page.rows.size() >= rows_max || (page_bytes >= kPageBytesMax && !page.rows.empty())) {
                page.more = true;
                return page;
            }
            page.rows.push_back({std::string(view(at->key()).substr(prefix.size())), at->value().ToString()});
            page_bytes += at->key().size() + at->value().size();
            if (range.around_damage) next = at->key().ToString() + '\0';
        }
        if (at->status().ok()) return page;
        const bool step = range.around_damage && !range.reverse && at->status().IsCorruption();
        if (at->status().IsIncomplete() || (step && reach == Reach::memory_only)) return std::nullopt;
        if (!step) return failure(from_status(at->status(), "scan"));
        const std::string behind = behind_block(next, end);
        add_damage(page.damaged, next.substr(prefix.size()), behind == end ? range.end : behind.substr(prefix.size()));
        if (behind == end) return page;
        next = behind;
        at->Seek(next);
    }
}

/// RocksDB knows without reading it how many octets of tables lie below a key. That number changes from one block to
/// the next only, and the indexes are read for it, not the blocks.
std::uint64_t Database::octets_below(const std::string& key) {
    const rocksdb::Range range(rocksdb::Slice(), key);
    std::uint64_t octets = 0;
    const rocksdb::SizeApproximationOptions options;
    static_cast<void>(db_->GetApproximateSizes(options, db_->DefaultColumnFamily(), &range, 1, &octets));
    return octets;
}

std::string Database::behind_block(const std::string& key, const std::string& end) {
    const std::uint64_t before = octets_below(key);
    if (octets_below(end) <= before) return end;
    // The highest key of the block's share, octet by octet.
    std::string highest;
    while (highest.size() < kSeparatorBytesMax) {
        int low = -1; // the highest octet that still belongs to it
        int high = 256;
        while (high - low > 1) {
            const int middle = (low + high) / 2;
            if (octets_below(highest + static_cast<char>(middle)) <= before)
                low = middle;
            else
                high = middle;
        }
        if (low < 0) break;
        highest += static_cast<char>(low);
    }
    highest += '\0';
    return std::min(std::max(highest, key + '\0'), end);
}

std::optional<StoreResult<std::optional<std::string>>> Database::get(const std::string& key, Reach reach) {
    std::string value;
    const rocksdb::Status status = db_->Get(read_options(reach), key, &value);
    if (status.IsIncomplete()) return std::nullopt;
    if (status.IsNotFound()) return StoreResult<std::optional<std::string>>(std::nullopt);
    if (!status.ok()) return failure(from_status(status, "read a row"));
    return StoreResult<std::optional<std::string>>(std::move(value));
}

StoreResult<std::vector<std::optional<std::string>>> Database::get_many(Domain domain,
                                                                        const std::vector<std::string>& keys) {
    std::vector<std::string> rows;
    rows.reserve(keys.size());
    for (const std::string& key : keys)
        rows.push_back(row_key(domain, key));
    const std::vector<rocksdb::Slice> slices(rows.begin(), rows.end());
    std::vector<rocksdb::PinnableSlice> found(rows.size());
    std::vector<rocksdb::Status> statuses(rows.size());
    db_->MultiGet(read_options(Reach::disk), db_->DefaultColumnFamily(), rows.size(), slices.data(), found.data(),
                  statuses.data());
    std::vector<std::optional<std::string>> values(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (statuses[at].IsNotFound()) continue;
        if (!statuses[at].ok()) return failure(from_status(statuses[at], "read a row"));
        values[at] = found[at].ToString();
    }
    return values;
}

std::optional<StoreResult<std::vector<std::optional<std::string>>>>
Database::get_first(Domain domain, const std::vector<std::string>& prefixes, Reach reach) {
    const std::string end = domain_end(domain);
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions options = read_options(reach);
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    std::vector<std::size_t> places(prefixes.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::sort(places, {}, [&](std::size_t place) { return std::string_view(prefixes[place]); });
    std::vector<std::optional<std::string>> values(prefixes.size());
    for (const std::size_t place : places) {
        const std::string key = row_key(domain, prefixes[place]);
        at->Seek(key);
        if (at->Valid()) {
            if (at->key().starts_with(key)) values[place] = at->value().ToString();
            continue;
        }
        const rocksdb::Status status = at->status();
        const bool damaged = status.IsCorruption();
        if (status.IsIncomplete() || (damaged && reach == Reach::memory_only)) return std::nullopt;
        if (!status.ok() && !damaged) return failure(from_status(status, "read a row"));
    }
    return values;
}

StoreResult<std::vector<Domain>> Database::domains(DomainKind kind, std::uint64_t after, std::size_t count_max) {
    std::vector<Domain> found;
    if (after == ~std::uint64_t{0}) return found;
    const std::string begin = version_key({kind, after + 1});
    const std::string end = prefix_end(std::string{kVersionPrefix, static_cast<char>(kind)});
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    for (at->Seek(begin); at->Valid() && found.size() < count_max; at->Next()) {
        const auto domain = domain_of_version_key(view(at->key()));
        if (domain) found.push_back(*domain);
    }
    if (!at->status().ok()) return failure(from_status(at->status(), "list domains"));
    return found;
}

std::optional<StoreResult<IndexRecord>> Database::find_blob(BlobId blob, Reach reach) {
    auto value = get(blob_key(blob), reach);
    if (!value) return std::nullopt;
    if (!*value) return failure(value->error());
    if (!**value) return failure(Error{ErrorCode::not_found, "blob " + text_of(blob)});
    auto record = decode_index(blob, ***value);
    if (!record) return failure(Error{ErrorCode::damaged, "row of blob " + text_of(blob)});
    return StoreResult<IndexRecord>(*std::move(record));
}

StoreResult<Version> Database::version(Domain domain) {
    TRY(const std::optional<std::string> value, *get(version_key(domain), Reach::disk));
    if (!value) return Version(0);
    const auto number = decode_number(*value);
    if (!number) return failure(Error{ErrorCode::damaged, "a domain's version"});
    return Version(*number);
}

StoreResult<std::map<std::uint64_t, SegmentUse>> Database::segment_uses() {
    std::map<std::uint64_t, SegmentUse> uses;
    const std::string end = prefix_end(std::string(1, kSegmentPrefix));
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    for (at->Seek(std::string(1, kSegmentPrefix)); at->Valid(); at->Next()) {
        const auto number = decode_number(view(at->key()).substr(1));
        const auto use = decode_use(view(at->value()));
        if (!number || !use) return failure(Error{ErrorCode::damaged, "a segment's row"});
        uses[*number] = *use;
    }
    if (!at->status().ok()) return failure(from_status(at->status(), "read the segments' rows"));
    return uses;
}

StoreResult<BlobId> Database::last_blob() {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
    at->SeekForPrev(prefix_end(std::string(1, kBlobPrefix)));
    if (!at->status().ok()) return failure(from_status(at->status(), "find the last blob"));
    if (!at->Valid() || view(at->key()).front() != kBlobPrefix) return BlobId{};
    return blob_of_key(view(at->key())).value_or(BlobId{});
}

} // namespace tegami::store::rocks
