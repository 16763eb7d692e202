#include "store/engine/backup_writer.h"

#include "base/bytes.h"
#include "store/engine/blob_builder.h"
#include "store/engine/segments.h"

#include <rocksdb/utilities/backup_engine.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kPieceBytes = 1u << 20;
/// RocksDB tells its progress each time it has copied so much (BackupEngineOptions::callback_trigger_interval_size).
constexpr std::uint64_t kDatabasePieceBytes = 4u << 20;
constexpr std::size_t kSectorBytes = 4096;
/// So much of what a manifest vouches for must be the store's before it is relied upon.
constexpr std::uint64_t kComparedBytes = 64u << 10;
/// Limit: sentences about damage in one manifest.
constexpr std::size_t kDamageMax = 1000;

std::unexpected<Error> stopping() {
    return failure(Error{ErrorCode::unavailable, "the backup was stopped"});
}

class Writer {
public:
    Writer(const BackupSource& source, const std::function<bool()>& stopped, BackupFolder& folder, BackupPoint point,
           Progress& progress)
        : source_(source), stopped_(stopped), folder_(folder), disk_(folder.disk()), progress_(progress) {
        done_.point = std::move(point);
    }

    StoreResult<BackupDone> run(const BackupOptions& options) {
        TRY_VOID(begin_progress());
        TRY_VOID(copy_database());
        TRY(const auto uses, source_.uses());
        for (const auto& [number, use] : uses)
            if (use.end > segment::kFileMagic.size()) TRY_VOID(copy_segment(number, use.end));
        if (const auto synced = disk_.sync_directory(folder_.segments_path()); !synced)
            return failure(from_disk(synced.error()));
        for (const auto& [name, octets] : options.files) {
            TRY(BackupFile file, folder_.write_file(done_.point.name, name, octets));
            done_.octets_written += octets.size();
            done_.point.files.push_back(std::move(file));
        }
        TRY_VOID(folder_.add(done_.point));
        TRY(done_.removed, folder_.prune(options.keep));
        return std::move(done_);
    }

private:
    void add_damage(std::string sentence) {
        if (done_.point.damage.size() < kDamageMax) done_.point.damage.push_back(std::move(sentence));
    }

    /// What will be copied if the folder has nothing of it yet.
    StoreResult<> begin_progress() {
        TRY(const auto uses, source_.uses());
        std::uint64_t octets = source_.database.octets();
        for (const auto& [number, use] : uses)
            octets += use.end;
        progress_.begin(Progress::Unit::octets, octets);
        return {};
    }

    StoreResult<> copy_database() {
        const std::uint64_t expected = source_.database.octets();
        std::uint64_t copied = 0;
        TRY(const auto backups, folder_.open_database());
        std::set<std::string> before;
        std::vector<rocksdb::BackupInfo> earlier;
        backups->GetBackupInfo(&earlier, true);
        for (const rocksdb::BackupInfo& backup : earlier)
            for (const rocksdb::BackupFileInfo& file : backup.file_details)
                before.insert(file.relative_filename);
        rocksdb::CreateBackupOptions how;
        how.flush_before_backup = true; // so that points share what is in memory now, too
        how.progress_callback = [this, engine = backups.get(), &copied] {
            copied += kDatabasePieceBytes;
            progress_.add(kDatabasePieceBytes);
            if (stopped_()) engine->StopBackup();
        };
        const rocksdb::Status made = backups->CreateNewBackup(how, &source_.database.rocks(), &done_.point.database);
        if (stopped_()) return stopping();
        progress_.leave_out(expected - std::min(expected, copied));
        if (!made.ok()) return failure(from_status(made, "back up the database"));
        rocksdb::BackupInfo info;
        const rocksdb::Status found = backups->GetBackupInfo(done_.point.database, &info, true);
        if (!found.ok()) return failure(from_status(found, "read the backup of the database"));
        done_.point.database_octets = info.size;
        for (const rocksdb::BackupFileInfo& file : info.file_details) {
            if (before.contains(file.relative_filename)) continue;
            done_.octets_written += file.size;
            check_table(folder_.database_path() + "/" + file.relative_filename);
        }
        return {};
    }

    void check_table(const std::string& path) {
        if (!path.ends_with(".sst")) return;
        const std::string name = path.substr(path.rfind('/') + 1);
        if (const auto sound = Database::check_table(path); !sound)
            add_damage(fmt::format("table {} of the database is damaged: {}", name, sound.error().detail));
    }

    /// The file that points vouch for as this segment, if it still is the store's.
    std::optional<BackupSegment> known_part(disk::File& live, std::uint64_t number, std::uint64_t end) {
        std::map<std::string, BackupSegment> longest; // of each file: nothing that a point vouches for is written over
        for (const BackupPoint& point : folder_.points())
            for (const BackupSegment& segment : point.segments)
                if (BackupSegment& known = longest[segment.file];
                    segment.number == number && segment.octets > known.octets)
                    known = segment;
        for (const auto& [file, segment] : longest) {
            if (segment.number != number || segment.octets > end) continue;
            const auto copy = disk_.open_read_only(folder_.segments_path() + "/" + file);
            const std::uint64_t size = std::min(kComparedBytes, segment.octets);
            if (!copy) continue;
            const auto there = (*copy)->read_at(segment.octets - size, static_cast<std::size_t>(size));
            const auto here = live.read_at(segment.octets - size, static_cast<std::size_t>(size));
            if (there && here && there->size() == size && *there == *here) return segment;
        }
        return std::nullopt;
    }

    /// A file that no point names: perhaps an interrupted backup has begun it.
    std::string new_file(std::uint64_t number) const {
        std::set<std::string> named;
        for (const BackupPoint& point : folder_.points())
            for (const BackupSegment& segment : point.segments)
                named.insert(segment.file);
        const std::string file = fmt::format("{:016x}.seg", number);
        if (!named.contains(file)) return file;
        for (int history = 1;; ++history)
            if (std::string other = fmt::format("{}.{}", file, history); !named.contains(other)) return other;
    }

    StoreResult<> copy_segment(std::uint64_t number, std::uint64_t end) {
        const auto live = disk_.open_read_only(fmt::format("{}/{:016x}.seg", source_.segments, number));
        if (!live) {
            add_damage(fmt::format("segment {:016x} cannot be read: {}", number, live.error().detail));
            return {};
        }
        const auto size = (*live)->size();
        if (!size) return failure(from_disk(size.error()));
        if (*size < end) {
            add_damage(fmt::format("segment {:016x} is cut off at {} of {} octets", number, *size, end));
            end = *size;
        }
        const auto known = known_part(**live, number, end);
        BackupSegment segment =
            known.value_or(BackupSegment{.number = number, .file = new_file(number), .octets = 0, .crc = 0});
        progress_.leave_out(segment.octets);
        if (!known || segment.octets < end) TRY_VOID(copy_rest(**live, segment, end));
        done_.point.segments.push_back(std::move(segment));
        return {};
    }

    StoreResult<> copy_rest(disk::File& live, BackupSegment& segment, std::uint64_t end) {
        const std::string path = folder_.segments_path() + "/" + segment.file;
        auto opened = disk_.open(path);
        if (!opened && opened.error().code == disk::ErrorCode::not_found) opened = disk_.create(path);
        if (!opened) return failure(from_disk(opened.error()));
        const std::shared_ptr<disk::File> copy = *std::move(opened);
        const std::uint64_t begin = segment.octets;
        for (std::uint64_t at = begin; at < end;) {
            if (stopped_()) return stopping();
            const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, end - at));
            TRY(const std::string piece, read_live(live, segment.number, at, length));
            segment.crc = bytes::crc32c(piece, segment.crc);
            const auto there = copy->read_at(at, length);
            if (!there || *there != piece) {
                const std::string_view pieces[] = {piece};
                if (const auto written = copy->write_at(at, pieces); !written)
                    return failure(from_disk(written.error()));
                done_.octets_written += length;
            }
            at += length;
            progress_.add(length);
        }
        segment.octets = end;
        auto done = copy->truncate(end);
        if (done) done = copy->sync();
        if (!done) return failure(from_disk(done.error()));
        return check_records(copy, begin, end, [&](std::uint64_t at, const std::string& why) {
            add_damage(fmt::format("segment {:016x} is damaged at {}: {}", segment.number, at, why));
        });
    }

    /// Octets of the store; zeros where the disk cannot read them.
    StoreResult<std::string> read_live(disk::File& live, std::uint64_t number, std::uint64_t at, std::size_t length) {
        auto piece = live.read_at(at, length);
        if (piece && piece->size() == length) return *std::move(piece);
        std::string octets;
        for (std::size_t done = 0; done < length; done += kSectorBytes) {
            const std::size_t size = std::min(kSectorBytes, length - done);
            const auto sector = live.read_at(at + done, size);
            if (sector && sector->size() == size) {
                octets += *sector;
            } else {
                octets.append(size, '\0');
                add_damage(fmt::format("segment {:016x} cannot be read at {}", number, at + done));
            }
        }
        return octets;
    }

    const BackupSource& source_;
    const std::function<bool()>& stopped_;
    BackupFolder& folder_;
    disk::FileSystem& disk_;
    Progress& progress_;
    BackupDone done_;
};

} // namespace

StoreResult<BackupDone> write_backup(disk::FileSystem& disk, const Clock& clock, const BackupSource& source,
                                     const BackupOptions& options, const std::function<bool()>& stopped) {
    TRY(const auto folder, BackupFolder::open(disk, options.directory, BackupFolder::Use::write));
    const Timestamp now = clock.now();
    BackupPoint point{.name = folder->new_name(now), .time = now, .accounts = options.accounts};
    point.damage = options.damage;
    Writer writer(source, stopped, *folder, std::move(point), *options.progress);
    return writer.run(options);
}

} // namespace tegami::store::rocks
