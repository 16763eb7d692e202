// When and where this store was backed up the last time; a small file in the data directory (docs/formats/backup.md), so
// that it is known after a restart, and whoever made the backup.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>

namespace tegami::admin {

struct LastBackup {
    Timestamp time{}; ///< to the second
    std::string folder;
    bool operator==(const LastBackup&) const = default;
};

/// Both block. Nothing: there is none, or the file cannot be read.
std::optional<LastBackup> read_last_backup(const std::string& data_directory);
/// The error is a sentence.
Result<void, std::string> write_last_backup(const std::string& data_directory, const LastBackup& backup);

} // namespace tegami::admin
