// RocksDB's write-ahead logs, read without RocksDB, because RocksDB takes the first record that fails its checksum for
// the end and forgets what follows: after a power cut that is right, after damage it is silent loss.
//
// 1. A group of batches is one record and is synced before the next one is written. So a record that begins behind one
//    that cannot be read proves that the unreadable one was acknowledged: that is damage, not the torn end of a crash.
// 2. When the store is closed in order, the sizes of its logs are noted in CLOSED; a log that is shorter or missing at
//    the next start was cut. After a crash there is no note, and a cut at the end cannot be told from the crash.
#pragma once

#include "disk/file_system.h"
#include "store/types.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Env;
}

namespace tegami::store::rocks {

struct LogScan {
    std::uint64_t records = 0;
    std::optional<std::uint64_t> first_bad; ///< where the first octets lie that are no record
    bool goes_on = false;                   ///< whole records begin behind them
};

/// Walks the octets of a log and calls `take` with each whole record: a RocksDB write batch.
LogScan scan_log(std::string_view octets, const std::function<void(std::string_view batch)>& take);

/// The logs of a database by number.
StoreResult<std::map<std::uint64_t, std::string>> log_files(rocksdb::Env& env, const std::string& directory);

/// Errors: damaged (a log is damaged or missing, or files of a database are there that none owns); the sentence says
/// which.
StoreResult<> check_logs(rocksdb::Env& env, const std::string& directory, const std::string& note);

/// What is wrong with the logs, in sentences; empty if nothing is.
StoreResult<std::vector<std::string>> log_damage(rocksdb::Env& env, const std::string& directory,
                                                 const std::string& note);

/// Notes the sizes of the logs; the store is closed.
void note_closed(disk::FileSystem& disk, rocksdb::Env& env, const std::string& directory, const std::string& store);

/// The name of the note in a store.
std::string closed_note(const std::string& store);

} // namespace tegami::store::rocks
