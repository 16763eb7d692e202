#include "store/engine/recovery/salvage_database.h"

#include "base/ascii.h"
#include "store/engine/recovery/raw_table.h"
#include "store/engine/rocks_log.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/debug.h>
#include <rocksdb/write_batch.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace tegami::store::rocks {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWriteBytes = 1u << 20;

std::unexpected<Error> io_error(std::string_view what, const std::error_code& error) {
    return failure(Error{ErrorCode::unavailable, fmt::format("{}: {}", what, error.message())});
}

bool is_log(const fs::path& path) {
    return path.extension() == ".log";
}

/// Calls `row` with the rows of [from, to), where a block of one table cannot be read, that other tables have and that
/// are younger than what the block may hold: a look-up of one key begins with the youngest table.
template <class F>
StoreResult<> walk_gap(Database& database, const std::string& from, const std::string& to, F row) {
    std::vector<rocksdb::LiveFileMetaData> files;
    database.rocks().GetLiveFilesMetaData(&files);
    std::set<std::string> keys;
    for (const rocksdb::LiveFileMetaData& file : files)
        if (file.largestkey >= from && file.smallestkey < to)
            Database::keys_of_table(file.db_path + file.name, from, to, keys);
    for (const std::string& key : keys) {
        const auto value = *database.get(key, Database::Reach::disk);
        if (value && *value) TRY_VOID(row(std::string_view(key), std::string_view(**value)));
    }
    return {};
}

/// Calls `row` with every row that can be read and tells of the others.
template <class F>
StoreResult<> walk(Database& database, std::vector<std::string>& findings, F row) {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    const std::string end(1, '\xff');
    const std::unique_ptr<rocksdb::Iterator> at(database.rocks().NewIterator(options));
    std::string next;
    std::string unreadable_from;
    std::string why;
    const auto tell = [&](std::string_view to) {
        if (!why.empty())
            findings.push_back(fmt::format("rows from key {} to {} cannot be read: {}",
                                           ascii::printable(unreadable_from), ascii::printable(to), why));
        why.clear();
    };
    for (at->SeekToFirst();;) {
        for (; at->Valid(); at->Next()) {
            tell(at->key().ToStringView());
            TRY_VOID(row(at->key().ToStringView(), at->value().ToStringView()));
            next = at->key().ToString() + '\0';
        }
        if (at->status().ok()) break;
        if (!at->status().IsCorruption()) return failure(from_status(at->status(), "read the database"));
        if (why.empty()) unreadable_from = next;
        why = at->status().ToString();
        const std::string behind = database.behind_block(next, end);
        TRY_VOID(walk_gap(database, next, behind, row));
        next = behind;
        if (next == end) break;
        at->Seek(next);
    }
    tell("the end");
    return {};
}

/// Tables that RocksDB cannot open: cut, or damaged at their end.
std::vector<std::string> broken_tables(const std::string& directory) {
    std::vector<std::string> broken;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (entry.path().extension() != ".sst") continue;
        if (!Database::can_open_table(entry.path().string())) broken.push_back(entry.path().filename().string());
    }
    std::ranges::sort(broken);
    return broken;
}

/// The number of the youngest write to this key that the tables know, and whether there is one.
std::optional<std::uint64_t> youngest(Database& tables, std::string_view key) {
    std::vector<rocksdb::KeyVersion> versions;
    const rocksdb::Slice slice(key.data(), key.size());
    if (!rocksdb::GetAllKeyVersions(&tables.rocks(), slice, slice, 1, &versions).ok() || versions.empty())
        return std::nullopt;
    return versions.front().sequence;
}

/// Adds what can be read of a table that RocksDB cannot open, where no other table knows better. Returns the number of
/// its youngest write.
StoreResult<std::uint64_t> add_raw_table(const std::string& path, Database* tables, Database& to,
                                         DatabaseSalvage& salvage) {
    std::string octets;
    if (const auto read = rocksdb::ReadFileToString(rocksdb::Env::Default(), path, &octets); !read.ok()) {
        salvage.findings.push_back(fmt::format("the table {} cannot be read: {}", path, read.ToString()));
        return 0;
    }
    rocksdb::WriteBatch batch;
    rocksdb::Status status;
    std::uint64_t sequence = 0;
    std::uint64_t rows = 0;
    std::string last;
    const std::uint64_t whole = read_raw_table(octets, [&](const RawRow& row) {
        sequence = std::max(sequence, row.sequence);
        ++rows;
        // Of several writes to a key the youngest comes first.
        if (row.key == last && rows > 1) return;
        last = row.key;
        const auto other = tables == nullptr ? std::nullopt : youngest(*tables, row.key);
        if (other && *other >= row.sequence) return;
        const rocksdb::Slice key(row.key.data(), row.key.size());
        if (row.deleted)
            batch.Delete(key);
        else
            batch.Put(key, rocksdb::Slice(row.value.data(), row.value.size()));
        if (batch.GetDataSize() < kWriteBytes || !status.ok()) return;
        status = to.rocks().Write({}, &batch);
        batch.Clear();
    });
    if (status.ok()) status = to.rocks().Write({}, &batch);
    if (!status.ok()) return failure(from_status(status, "write the new database"));
    salvage.findings.push_back(
        fmt::format("the table {} is cut or damaged at its end: {} rows of it were read, in {} of {} octets", path,
                    rows, whole, octets.size()));
    return sequence;
}

/// The tables alone, opened; made to fit together again if they do not.
StoreResult<std::unique_ptr<Database>> open_tables(const std::string& directory, DatabaseSalvage& salvage) {
    const DatabaseOptions options{.directory = directory, .must_exist = true};
    auto opened = Database::open_unchecked(options);
    if (opened) return opened;
    salvage.findings.push_back(fmt::format("the database cannot be opened: {}", opened.error().detail));
    salvage.commits_lost = true;
    const rocksdb::Status repaired = Database::repair(options);
    if (!repaired.ok()) return failure(from_status(repaired, "put the tables together again"));
    return Database::open_unchecked(options);
}

/// The highest number of a write that the tables have.
std::uint64_t sequence_in_tables(Database& database) {
    std::vector<rocksdb::LiveFileMetaData> files;
    database.rocks().GetLiveFilesMetaData(&files);
    std::uint64_t sequence = 0;
    for (const rocksdb::LiveFileMetaData& file : files)
        sequence = std::max<std::uint64_t>(sequence, file.largest_seqno);
    return sequence;
}

std::uint64_t sequence_of(std::string_view batch) {
    std::uint64_t sequence = 0;
    for (std::size_t i = 8; i-- > 0;)
        sequence = sequence << 8 | static_cast<unsigned char>(batch[i]);
    return sequence;
}

/// Puts the writes of the logs that are younger than the tables into the new database.
StoreResult<> replay_logs(const std::string& from, std::uint64_t in_tables, Database& to, DatabaseSalvage& salvage) {
    rocksdb::Env& env = *rocksdb::Env::Default();
    TRY(const auto logs, log_files(env, from));
    for (const auto& [number, path] : logs) {
        std::string octets;
        if (const auto read = rocksdb::ReadFileToString(&env, path, &octets); !read.ok()) {
            salvage.findings.push_back(fmt::format("the log {} cannot be read: {}", path, read.ToString()));
            salvage.commits_lost = true;
            continue;
        }
        rocksdb::Status status;
        const LogScan scan = scan_log(octets, [&](std::string_view record) {
            if (sequence_of(record) <= in_tables || !status.ok()) return;
            rocksdb::WriteBatch batch{std::string(record)};
            status = to.rocks().Write({}, &batch);
        });
        if (!status.ok()) return failure(from_status(status, "write what the log has"));
        salvage.commits_lost = salvage.commits_lost || scan.goes_on;
    }
    return {};
}

} // namespace

StoreResult<DatabaseSalvage> examine_database(const std::string& directory, const std::string& note) {
    DatabaseSalvage found;
    std::error_code error;
    if (!fs::exists(directory, error)) {
        found.findings.emplace_back("the database is gone");
        found.commits_lost = true;
        return found;
    }
    TRY(found.findings, log_damage(*rocksdb::Env::Default(), directory, note));
    found.commits_lost = !found.findings.empty();
    auto opened = Database::open_read_only({.directory = directory});
    if (!opened) {
        found.findings.push_back(opened.error().detail);
        return found;
    }
    TRY_VOID(walk(**opened, found.findings, [](std::string_view, std::string_view) -> StoreResult<> { return {}; }));
    return found;
}

StoreResult<> copy_database(const std::string& from, const std::string& to) {
    std::error_code error;
    fs::create_directories(to, error);
    if (error) return io_error("make " + to, error);
    for (const auto& entry : fs::directory_iterator(from, error)) {
        if (!entry.is_regular_file()) continue;
        const fs::path name = fs::path(to) / entry.path().filename();
        std::error_code linked;
        if (entry.path().extension() == ".sst") fs::create_hard_link(entry.path(), name, linked);
        if (entry.path().extension() != ".sst" || linked) fs::copy_file(entry.path(), name, error);
        if (error) return io_error("copy " + entry.path().string(), error);
    }
    if (error) return io_error("read " + from, error);
    return {};
}

StoreResult<DatabaseSalvage> rebuild_database(const std::string& from, const std::string& work, const std::string& to) {
    DatabaseSalvage salvage;
    TRY_VOID(copy_database(from, work));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(work, error))
        if (is_log(entry.path())) fs::remove(entry.path(), error);
    TRY(const std::unique_ptr<Database> made, Database::open_unchecked({.directory = to}));
    const std::vector<std::string> broken = broken_tables(work);
    std::uint64_t in_tables = 0;
    {
        auto tables = open_tables(work, salvage);
        if (tables) {
            in_tables = sequence_in_tables(**tables);
            rocksdb::WriteBatch batch;
            const auto flush = [&]() -> StoreResult<> {
                const rocksdb::Status written = made->rocks().Write({}, &batch);
                batch.Clear();
                if (!written.ok()) return failure(from_status(written, "write the new database"));
                return {};
            };
            TRY_VOID(
                walk(**tables, salvage.findings, [&](std::string_view key, std::string_view value) -> StoreResult<> {
                    batch.Put(rocksdb::Slice(key.data(), key.size()), rocksdb::Slice(value.data(), value.size()));
                    return batch.GetDataSize() < kWriteBytes ? StoreResult<>() : flush();
                }));
            TRY_VOID(flush());
        } else {
            salvage.findings.push_back(fmt::format("no table can be read: {}", tables.error().detail));
        }
        for (const std::string& name : broken) {
            TRY(const std::uint64_t sequence,
                add_raw_table(from + '/' + name, tables ? tables->get() : nullptr, *made, salvage));
            in_tables = std::max(in_tables, sequence);
        }
    }
    TRY_VOID(replay_logs(from, in_tables, *made, salvage));
    if (const auto flushed = made->rocks().Flush({}); !flushed.ok())
        return failure(from_status(flushed, "write the new database"));
    fs::remove_all(work, error); // second names only
    return salvage;
}

} // namespace tegami::store::rocks
