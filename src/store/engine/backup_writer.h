// Makes a point of an open store in a folder of backups, while others go on. docs/formats/backup.md has the order.
#pragma once

#include "base/clock.h"
#include "store/engine/backup_options.h"
#include "store/engine/rocks_database.h"

#include <functional>
#include <map>
#include <string>

namespace tegami::store {

namespace rocks {

/// What is backed up. All of it outlives the call.
struct BackupSource {
    Database& database;
    std::string segments; ///< the directory
    /// How far each segment is in use, after everything that the database holds now.
    std::function<StoreResult<std::map<std::uint64_t, SegmentUse>>()> uses;
};

/// Blocks. Nothing may remove a segment meanwhile. Damage of the store does not end it: BackupPoint::damage has it.
/// Errors: those of BackupFolder::open, no_space, unavailable (I/O, stopped), damaged (there is no way to copy the
/// database).
StoreResult<BackupDone> write_backup(disk::FileSystem& disk, const Clock& clock, const BackupSource& source,
                                     const BackupOptions& options, const std::function<bool()>& stopped);

} // namespace rocks

} // namespace tegami::store
