// RocksDB opened with our settings, and what the engine reads from it. Every call may block.
#pragma once

#include "base/log.h"
#include "store/engine/rocks_keys.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace tegami::store::rocks {

/// The store's word for RocksDB's status; `what` says what was tried.
Error from_status(const rocksdb::Status& status, std::string_view what);

struct DatabaseOptions {
    std::string directory;
    std::size_t memory_bytes = 64u << 20; ///< block cache and write buffers together
    rocksdb::Env* env = nullptr;          ///< nothing: the machine's
    bool must_exist = false;              ///< else it is made if it is missing
    Log* log = nullptr;                   ///< hears of damage that RocksDB meets in the background
    std::uint32_t schema_oldest = kSchemaVersion;
    std::uint32_t schema_newest = kSchemaVersion; ///< and that of a new one
};

class Database {
public:
    /// Opens or makes it. Errors: invalid (a newer or older schema), damaged, unavailable, no_space.
    static StoreResult<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    /// For a backup that is read: opens it without changing anything. Errors as above.
    static StoreResult<std::unique_ptr<Database>> open_to_read(const DatabaseOptions& options);
    /// For repair: opens or makes it, whatever its schema; opens it without changing anything; makes RocksDB gather
    /// the tables that are there when its list of them is lost or wrong.
    static StoreResult<std::unique_ptr<Database>> open_unchecked(const DatabaseOptions& options);
    static StoreResult<std::unique_ptr<Database>> open_read_only(const DatabaseOptions& options);
    static rocksdb::Status repair(const DatabaseOptions& options);
    static bool can_open_table(const std::string& path);
    /// Reads one table and compares every checksum in it. Errors: damaged, unavailable.
    static StoreResult<> check_table(const std::string& path);
    /// Adds the keys of one table in [from, to) as far as they can be read.
    static void keys_of_table(const std::string& path, const std::string& from, const std::string& to,
                              std::set<std::string>& keys);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Whether it has no schema yet: open() made it, or write_schema() was never reached.
    bool is_new() const { return is_new_; }

    /// What the last write_schema() wrote; of a new one: the newest.
    SchemaMark schema() const { return schema_; }

    /// Writes the schema, durably: from now on it is a store's database.
    StoreResult<> write_schema(SchemaMark mark);
    /// Writes the schema again, to memory only.
    StoreResult<> put_without_log();
    /// Of its tables, on the disk.
    std::uint64_t octets();
    /// The number of the write-ahead log in use.
    std::uint64_t log_number();

    rocksdb::DB& rocks() { return *db_; }

    rocksdb::Cache& block_cache() { return *block_cache_; }

    /// Whether a read may wait for the disk. With `memory_only` the answer is nothing if it would have to.
    enum class Reach : std::uint8_t { memory_only, disk };

    std::optional<StoreResult<Page>> scan(Domain domain, const Range& range, std::size_t rows_max, Reach reach);
    std::optional<StoreResult<std::optional<std::string>>> get(const std::string& key, Reach reach);
    /// In the order of the keys, all of one moment.
    StoreResult<std::vector<std::optional<std::string>>> get_many(Domain domain, const std::vector<std::string>& keys);
    /// As Engine::get_first().
    std::optional<StoreResult<std::vector<std::optional<std::string>>>>
    get_first(Domain domain, const std::vector<std::string>& prefixes, Reach reach);
    StoreResult<std::vector<Domain>> domains(DomainKind kind, std::uint64_t after, std::size_t count_max);
    std::optional<StoreResult<IndexRecord>> find_blob(BlobId blob, Reach reach);
    StoreResult<Version> version(Domain domain);
    /// The first key, at most `end`, behind the block of a table that holds `key` or would hold it: where to go on if
    /// that block cannot be read. Asks the tables' indexes only.
    std::string behind_block(const std::string& key, const std::string& end);
    StoreResult<std::map<std::uint64_t, SegmentUse>> segment_uses();
    /// The blob with the highest id; all zero if there is none.
    StoreResult<BlobId> last_blob();

private:
    Database() = default;
    StoreResult<> check_schema(const DatabaseOptions& options);
    StoreResult<> put_schema(const rocksdb::WriteOptions& options);
    std::uint64_t octets_below(const std::string& key);

    /// What all ways of opening have in common.
    using Opening = rocksdb::Status (*)(const rocksdb::Options&, const std::string&, rocksdb::DB**);
    static StoreResult<std::unique_ptr<Database>> open_as(Opening open, const DatabaseOptions& options);

    std::shared_ptr<rocksdb::Cache> block_cache_;
    std::unique_ptr<rocksdb::DB> db_;
    bool is_new_ = false;
    std::atomic<SchemaMark> schema_{SchemaMark()}; ///< the committer reads it when it leaves a failed log behind
};

} // namespace tegami::store::rocks
