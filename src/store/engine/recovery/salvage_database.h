// Copies what can be read of a damaged RocksDB into a new one: rows around unreadable blocks, and every whole record of
// the write-ahead logs, also behind damage.
#pragma once

#include "store/engine/rocks_database.h"

#include <string>
#include <vector>

namespace tegami::store::rocks {

struct DatabaseSalvage {
    std::vector<std::string> findings; ///< empty: the database is whole
    bool commits_lost = false;
};

/// Reads everything of the database without changing it.
StoreResult<DatabaseSalvage> examine_database(const std::string& directory, const std::string& note);

/// Second names for the tables, copies of the other files.
StoreResult<> copy_database(const std::string& from, const std::string& to);

/// Makes a new database in `to` of what can be read in `from`; `work` is a folder for a copy of the tables.
StoreResult<DatabaseSalvage> rebuild_database(const std::string& from, const std::string& work, const std::string& to);

} // namespace tegami::store::rocks
