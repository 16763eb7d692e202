// When and where this store was backed up the last time, and when folders of backups were read; small files in the data directory (docs/formats/backup.md), so
// that it is known after a restart, and whoever made the backup.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
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

/// The last time that all of a folder of backups was read.
struct BackupCheckup {
    Timestamp time{};           ///< to the second
    std::uint64_t problems = 0; ///< 0: it was sound
    bool operator==(const BackupCheckup&) const = default;
};

/// Limit: folders whose checkups are remembered, the latest.
inline constexpr std::size_t kCheckupsMax = 20;

/// By folder; also small, and beside it. Both block.
std::map<std::string, BackupCheckup> read_checkups(const std::string& data_directory);
Result<void, std::string> write_checkups(const std::string& data_directory,
                                         std::map<std::string, BackupCheckup> checkups);

} // namespace tegami::admin
