// Makes a whole store of a point of a backup.
#pragma once

#include "store/engine/backup_folder.h"

#include <string>
#include <vector>

namespace tegami::store {

struct RestoredStore {
    std::uint64_t octets = 0;
    std::vector<std::string> damage; ///< of segments, in sentences: they are there as the backup has them
};

/// Writes the store into `directory`, which does not exist; its versions go on from much higher ones, as what was given
/// out after the point is not known. Blocks. Errors: damaged (the database does not match its checksums), no_space,
/// unavailable (also if `go_on` says so); then what is in the directory is no store.
StoreResult<RestoredStore> restore_store(const BackupFolder& folder, const BackupPoint& point,
                                         const std::string& directory, const GoOn& go_on = {});

} // namespace tegami::store
