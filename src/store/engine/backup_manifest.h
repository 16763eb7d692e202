// What belongs to one point of a backup, as octets: docs/formats/backup.md. Pure, no file in reach.
#pragma once

#include "base/clock.h"
#include "store/types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// A file beside the manifest.
struct BackupFile {
    std::string name; ///< without a slash
    std::uint64_t octets = 0;
    std::uint32_t crc = 0;
    bool operator==(const BackupFile&) const = default;
};

/// A segment is the first `octets` of a file of the backup.
struct BackupSegment {
    std::uint64_t number = 0;
    std::string file;
    std::uint64_t octets = 0;
    std::uint32_t crc = 0;
    bool operator==(const BackupSegment&) const = default;
};

/// One point in time.
struct BackupPoint {
    std::string name; ///< of its folder
    Timestamp time{};
    std::uint32_t database = 0; ///< BackupEngine's number
    std::uint64_t database_octets = 0;
    std::uint64_t accounts = 0;
    std::vector<BackupFile> files;
    std::vector<BackupSegment> segments; ///< by number
    std::vector<std::string> damage;     ///< known when it was made, in sentences

    /// What the store took at that time.
    std::uint64_t octets() const;
    bool operator==(const BackupPoint&) const = default;
};

std::string encode_manifest(const BackupPoint& point);

/// The point without its name. Errors: damaged; invalid (written by a newer program).
StoreResult<BackupPoint> decode_manifest(std::string_view octets);

} // namespace tegami::store
