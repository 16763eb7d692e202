// A folder with backups of a store: several points in time that share what is the same. docs/formats/backup.md.
//
// 1. A point is there whole, or not at all: its manifest comes last and goes first.
// 2. One process, and in it one user, has a folder open at a time, unless to look at its points alone.
// 3. Reading changes nothing in the folder. All calls block.
// It does not know what a store holds; making points of a running store is backup_writer.h's.
#pragma once

#include "disk/file_system.h"
#include "store/engine/backup_manifest.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class BackupEngine;
class BackupEngineReadOnly;
} // namespace rocksdb

namespace tegami::store {

/// What a walk over a folder's checksums found.
struct BackupCheck {
    std::uint64_t octets = 0;        ///< read
    std::vector<std::string> damage; ///< in sentences
};

/// Told how many octets are done; false: no more.
using GoOn = std::function<bool(std::uint64_t octets)>;

class BackupFolder {
public:
    enum class Use : std::uint8_t {
        look, ///< at the points alone: also while somebody else uses the folder
        read,
        write,
    };

    /// Opens the folder; for writing it may be empty, and must exist. Errors: not_found, invalid (not a folder of
    /// backups), unavailable (in use, no permission).
    static StoreResult<std::unique_ptr<BackupFolder>> open(disk::FileSystem& disk, std::string directory, Use use);

    /// Those that can be read, oldest first.
    const std::vector<BackupPoint>& points() const { return points_; }

    /// Names of points whose manifest cannot be read.
    const std::vector<std::string>& unreadable() const { return unreadable_; }

    /// The point with this name, or the latest whose name begins so. Errors: not_found, damaged.
    StoreResult<BackupPoint> find(std::string_view beginning) const;

    /// A name for a point that begins at this time.
    std::string new_name(Timestamp time) const;

    std::string database_path() const { return directory_ + "/database"; }

    std::string segments_path() const { return directory_ + "/segments"; }

    std::string points_path() const { return directory_ + "/points"; }

    disk::FileSystem& disk() const { return disk_; }

    StoreResult<std::unique_ptr<rocksdb::BackupEngine>> open_database() const;
    StoreResult<std::unique_ptr<rocksdb::BackupEngineReadOnly>> read_database() const;

    /// Adds the point: everything that it names is there and synced.
    StoreResult<> add(BackupPoint point);
    /// Writes one of the point's own files.
    StoreResult<BackupFile> write_file(std::string_view point, std::string name, std::string_view octets);
    /// The file as it was; errors: damaged.
    StoreResult<std::string> read_file(const BackupPoint& point, const BackupFile& file) const;
    /// Removes all but the latest `keep` points (0: none), and whatever no point needs. The names of those removed.
    StoreResult<std::vector<std::string>> prune(std::size_t keep);

    /// Reads everything that points name and compares the checksums. Errors: unavailable (it was not to go on).
    StoreResult<BackupCheck> check(const GoOn& go_on) const;
    /// What check() reads.
    std::uint64_t octets() const;

private:
    BackupFolder(disk::FileSystem& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}

    StoreResult<> begin(Use use);
    StoreResult<> read_points();
    StoreResult<> remove_unnamed();
    StoreResult<> remove_unnamed_databases();
    StoreResult<> check_segments(BackupCheck& check, const GoOn& go_on) const;

    disk::FileSystem& disk_;
    const std::string directory_;
    std::unique_ptr<disk::Lock> lock_;
    std::vector<BackupPoint> points_;
    std::vector<std::string> unreadable_;
};

/// Octets [begin, end) of a file.
struct FilePart {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Goes on with the checksum `crc` of what is before the part; the part is read in pieces, and each is handed to `each`
/// if there is one. Errors: damaged (the file is shorter), unavailable.
StoreResult<std::uint32_t> file_crc(disk::File& file, FilePart part, std::uint32_t crc = 0,
                                    const std::function<StoreResult<>(std::uint64_t, std::string_view)>& each = {});

} // namespace tegami::store
