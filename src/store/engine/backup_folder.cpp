#include "store/engine/backup_folder.h"

#include "base/bytes.h"
#include "store/engine/blob_builder.h"
#include "store/engine/rocks_database.h"

#include <rocksdb/utilities/backup_engine.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace tegami::store {

namespace {

constexpr std::string_view kMark = "tegami-backup 1\n";
constexpr std::string_view kMarkName = "/TEGAMI-BACKUP";
constexpr std::string_view kManifest = ".manifest";
constexpr std::size_t kPieceBytes = 1u << 20;
/// Limit: a manifest; 100 octets for each segment of 256 MiB.
constexpr std::size_t kManifestBytesMax = 64u << 20;

rocksdb::BackupEngineOptions backup_options(const std::string& directory) {
    rocksdb::BackupEngineOptions options(directory);
    options.sync = true;
    return options;
}

template <class Engine>
StoreResult<std::unique_ptr<Engine>> open_backups(const std::string& directory) {
    Engine* engine = nullptr;
    const rocksdb::Status status = Engine::Open(backup_options(directory), rocksdb::Env::Default(), &engine);
    if (!status.ok()) return failure(rocks::from_status(status, "open the backup " + directory));
    return std::unique_ptr<Engine>(engine);
}

StoreResult<std::string> read_whole(disk::FileSystem& disk, const std::string& path) {
    const auto file = disk.open_read_only(path);
    if (!file) return failure(from_disk(file.error()));
    auto octets = (*file)->read_at(0, kManifestBytesMax);
    if (!octets) return failure(from_disk(octets.error()));
    return *std::move(octets);
}

/// What a file is called until all of it is there.
std::string unfinished_name(std::string_view name) {
    return fmt::format("{}.new", name);
}

/// Writes a new file in place of any other, whole and synced before it has its name.
StoreResult<> write_whole(disk::FileSystem& disk, const std::string& directory, const std::string& name,
                          std::string_view octets) {
    const std::string made = directory + "/" + unfinished_name(name);
    static_cast<void>(disk.remove(made)); // of an interrupted run
    const auto file = disk.create(made);
    if (!file) return failure(from_disk(file.error()));
    const std::string_view pieces[] = {octets};
    auto done = (*file)->write_at(0, pieces);
    if (done) done = (*file)->sync();
    if (done) done = disk.rename(made, directory + "/" + name);
    if (done) done = disk.sync_directory(directory);
    if (!done) return failure(from_disk(done.error()));
    return {};
}

StoreResult<> make_directory(disk::FileSystem& disk, const std::string& directory, const std::string& parent) {
    if (const auto made = disk.make_directory(directory); !made) return failure(from_disk(made.error()));
    if (const auto synced = disk.sync_directory(parent); !synced) return failure(from_disk(synced.error()));
    return {};
}

} // namespace

StoreResult<std::uint32_t> file_crc(disk::File& file, FilePart part, std::uint32_t crc,
                                    const std::function<StoreResult<>(std::uint64_t, std::string_view)>& each) {
    for (std::uint64_t at = part.begin; at < part.end;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, part.end - at));
        const auto piece = file.read_at(at, size);
        if (!piece) return failure(from_disk(piece.error()));
        if (piece->size() != size) return failure(Error{ErrorCode::damaged, "it is cut off"});
        crc = bytes::crc32c(*piece, crc);
        if (each) TRY_VOID(each(at, *piece));
        at += size;
    }
    return crc;
}

StoreResult<std::unique_ptr<BackupFolder>> BackupFolder::open(disk::FileSystem& disk, std::string directory, Use use) {
    std::unique_ptr<BackupFolder> folder(new BackupFolder(disk, std::move(directory)));
    TRY_VOID(folder->begin(use));
    TRY_VOID(folder->read_points());
    return folder;
}

StoreResult<> BackupFolder::begin(Use use) {
    const auto names = disk_.list(directory_);
    if (!names && names.error().code == disk::ErrorCode::not_found)
        return failure(Error{ErrorCode::not_found, fmt::format("there is no folder {}", directory_)});
    if (!names) return failure(from_disk(names.error()));
    const std::string mark = directory_ + std::string(kMarkName);
    const auto read = read_whole(disk_, mark);
    // What one that was cut off at its beginning leaves is nobody else's.
    const bool new_folder = std::ranges::all_of(*names, [&](const std::string& name) {
        return name == "LOCK" || name == unfinished_name(kMarkName.substr(1));
    });
    if (!read && read.error().code != ErrorCode::not_found) return failure(read.error());
    if (!read && (use != Use::write || !new_folder))
        return failure(Error{ErrorCode::invalid, fmt::format("{} is no folder of backups{}", directory_,
                                                             use == Use::write ? ", and it is not empty" : "")});
    if (read && *read != kMark)
        return failure(Error{ErrorCode::invalid, fmt::format("{} is a backup of a newer program", directory_)});
    if (use == Use::look) return {};
    auto lock = disk_.lock(directory_ + "/LOCK");
    if (!lock && lock.error().code == disk::ErrorCode::locked)
        return failure(Error{ErrorCode::unavailable, fmt::format("the backup {} is in use", directory_)});
    // A folder that cannot be written to can be read all the same.
    if (!lock && use == Use::write) return failure(from_disk(lock.error()));
    if (lock) lock_ = *std::move(lock);
    if (use == Use::read) return {};
    if (!read) TRY_VOID(write_whole(disk_, directory_, std::string(kMarkName.substr(1)), kMark));
    for (const char* const name : {"/database", "/segments", "/points"})
        TRY_VOID(make_directory(disk_, directory_ + name, directory_));
    return {};
}

StoreResult<> BackupFolder::read_points() {
    const auto files = disk_.list(points_path());
    if (!files) return failure(from_disk(files.error()));
    for (const std::string& file : *files) {
        if (!file.ends_with(kManifest)) continue;
        const std::string name = file.substr(0, file.size() - kManifest.size());
        const auto octets = read_whole(disk_, points_path() + "/" + file);
        auto point = octets ? decode_manifest(*octets) : failure(octets.error());
        if (!point && point.error().code == ErrorCode::invalid) return failure(point.error());
        if (point) {
            point->name = name;
            points_.push_back(*std::move(point));
        } else {
            unreadable_.push_back(name);
        }
    }
    std::ranges::sort(points_, {}, [](const BackupPoint& point) { return std::pair(point.time, point.name); });
    return {};
}

StoreResult<BackupPoint> BackupFolder::find(std::string_view beginning) const {
    const auto exact = std::ranges::find(points_, beginning, &BackupPoint::name);
    if (exact != points_.end()) return *exact;
    if (std::ranges::find(unreadable_, beginning) == unreadable_.end())
        for (auto point = points_.rbegin(); point != points_.rend(); ++point)
            if (point->name.starts_with(beginning)) return *point;
    for (const std::string& name : unreadable_)
        if (name.starts_with(beginning))
            return failure(Error{ErrorCode::damaged, fmt::format("the manifest of {} is damaged", name)});
    if (beginning.empty()) return failure(Error{ErrorCode::not_found, fmt::format("{} holds no backup", directory_)});
    return failure(Error{ErrorCode::not_found, fmt::format("there is no backup of {} in {}", beginning, directory_)});
}

std::string BackupFolder::new_name(Timestamp time) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const std::string name =
        fmt::format("{:%Y-%m-%dT%H%M%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
    const auto taken = [&](const std::string& wanted) {
        return std::ranges::find(unreadable_, wanted) != unreadable_.end() ||
               std::ranges::find(points_, wanted, &BackupPoint::name) != points_.end();
    };
    for (int attempt = 1;; ++attempt) {
        std::string wanted = attempt == 1 ? name : fmt::format("{}-{}", name, attempt);
        if (!taken(wanted)) return wanted;
    }
}

StoreResult<std::unique_ptr<rocksdb::BackupEngine>> BackupFolder::open_database() const {
    return open_backups<rocksdb::BackupEngine>(database_path());
}

StoreResult<std::unique_ptr<rocksdb::BackupEngineReadOnly>> BackupFolder::read_database() const {
    return open_backups<rocksdb::BackupEngineReadOnly>(database_path());
}

StoreResult<> BackupFolder::add(BackupPoint point) {
    TRY_VOID(write_whole(disk_, points_path(), point.name + std::string(kManifest), encode_manifest(point)));
    points_.push_back(std::move(point));
    return {};
}

StoreResult<BackupFile> BackupFolder::write_file(std::string_view point, std::string name, std::string_view octets) {
    TRY_VOID(write_whole(disk_, points_path(), fmt::format("{}.{}", point, name), octets));
    return BackupFile{.name = std::move(name), .octets = octets.size(), .crc = bytes::crc32c(octets)};
}

StoreResult<std::string> BackupFolder::read_file(const BackupPoint& point, const BackupFile& file) const {
    TRY(std::string octets, read_whole(disk_, fmt::format("{}/{}.{}", points_path(), point.name, file.name)));
    if (octets.size() != file.octets || bytes::crc32c(octets) != file.crc)
        return failure(Error{ErrorCode::damaged, fmt::format("{} of {} is damaged", file.name, point.name)});
    return octets;
}

StoreResult<std::vector<std::string>> BackupFolder::prune(std::size_t keep) {
    std::vector<std::string> removed;
    while (keep != 0 && points_.size() > keep) {
        removed.push_back(points_.front().name);
        auto gone = disk_.remove(points_path() + "/" + removed.back() + std::string(kManifest));
        if (gone) gone = disk_.sync_directory(points_path());
        if (!gone) return failure(from_disk(gone.error()));
        points_.erase(points_.begin());
    }
    if (unreadable_.empty()) TRY_VOID(remove_unnamed());
    return removed;
}

/// What no manifest names: the rest of removed points, and of interrupted backups.
StoreResult<> BackupFolder::remove_unnamed() {
    std::set<std::string> names;
    std::set<std::string> segments;
    for (const BackupPoint& point : points_) {
        names.insert(point.name);
        for (const BackupSegment& segment : point.segments)
            segments.insert(segment.file);
    }
    const auto remove_others = [&](const std::string& directory, const auto& is_named) -> StoreResult<> {
        const auto files = disk_.list(directory);
        if (!files) return failure(from_disk(files.error()));
        for (const std::string& file : *files)
            if (!is_named(file))
                if (const auto gone = disk_.remove(fmt::format("{}/{}", directory, file)); !gone)
                    return failure(from_disk(gone.error()));
        return {};
    };
    TRY_VOID(remove_others(points_path(), [&](const std::string& file) {
        return names.contains(file.substr(0, file.find('.'))) && !file.ends_with(".new");
    }));
    TRY_VOID(remove_others(segments_path(), [&](const std::string& file) { return segments.contains(file); }));
    return remove_unnamed_databases();
}

StoreResult<> BackupFolder::remove_unnamed_databases() {
    TRY(const auto database, open_database());
    std::vector<rocksdb::BackupInfo> backups;
    database->GetBackupInfo(&backups);
    for (const rocksdb::BackupInfo& backup : backups) {
        if (std::ranges::find(points_, backup.backup_id, &BackupPoint::database) != points_.end()) continue;
        if (const auto gone = database->DeleteBackup(backup.backup_id); !gone.ok())
            return failure(rocks::from_status(gone, "remove an old backup"));
    }
    if (const auto gone = database->GarbageCollect(); !gone.ok())
        return failure(rocks::from_status(gone, "remove what no backup needs"));
    return {};
}

StoreResult<BackupCheck> BackupFolder::check(const GoOn& go_on) const {
    BackupCheck check;
    for (const std::string& name : unreadable_)
        check.damage.push_back(fmt::format("{}: its manifest cannot be read", name));
    TRY_VOID(check_segments(check, go_on));
    const auto database = read_database();
    for (const BackupPoint& point : points_) {
        if (!go_on(check.octets)) return failure(Error{ErrorCode::unavailable, "stopping"});
        const rocksdb::Status sound = database ? rocksdb::Status((*database)->VerifyBackup(point.database, true))
                                               : rocksdb::Status::Corruption(database.error().detail);
        if (!sound.ok())
            check.damage.push_back(fmt::format("{}: its database is damaged: {}", point.name, sound.ToString()));
        check.octets += point.database_octets;
        for (const BackupFile& file : point.files) {
            if (const auto octets = read_file(point, file); !octets)
                check.damage.push_back(fmt::format("{}: {}", point.name, octets.error().detail));
            check.octets += file.octets;
        }
    }
    return check;
}

std::uint64_t BackupFolder::octets() const {
    std::map<std::string, std::uint64_t> segments; // the longest that any point vouches for
    std::uint64_t octets = 0;
    for (const BackupPoint& point : points_) {
        octets += point.database_octets;
        for (const BackupFile& file : point.files)
            octets += file.octets;
        for (const BackupSegment& segment : point.segments)
            segments[segment.file] = std::max(segments[segment.file], segment.octets);
    }
    for (const auto& [name, length] : segments)
        octets += length;
    return octets;
}

/// Each file once, up to each length that a point vouches for.
StoreResult<> BackupFolder::check_segments(BackupCheck& check, const GoOn& go_on) const {
    std::map<std::string, std::map<std::uint64_t, std::vector<std::pair<std::uint32_t, std::string>>>> files;
    for (const BackupPoint& point : points_)
        for (const BackupSegment& segment : point.segments)
            files[segment.file][segment.octets].emplace_back(segment.crc, point.name);
    for (const auto& [name, lengths] : files) {
        const auto file = disk_.open_read_only(segments_path() + "/" + name);
        StoreResult<std::uint32_t> crc = 0;
        if (!file) crc = failure(from_disk(file.error()));
        std::uint64_t read = 0;
        for (const auto& [length, vouched] : lengths) {
            if (!go_on(check.octets)) return failure(Error{ErrorCode::unavailable, "stopping"});
            if (crc) crc = file_crc(**file, {.begin = read, .end = length}, *crc);
            if (crc) check.octets += length - read;
            read = length;
            for (const auto& [expected, point] : vouched)
                if (!crc || *crc != expected)
                    check.damage.push_back(
                        fmt::format("{}: segment file {} is damaged: {}", point, name,
                                    crc ? std::string("its checksum does not match") : crc.error().detail));
        }
    }
    return {};
}

} // namespace tegami::store
