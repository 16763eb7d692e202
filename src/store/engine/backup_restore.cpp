#include "store/engine/backup_restore.h"

#include "store/engine/blob_builder.h"
#include "store/engine/rocks_database.h"

#include <rocksdb/utilities/backup_engine.h>
#include <rocksdb/write_batch.h>

#include <fmt/format.h>

namespace tegami::store {

namespace {

/// How far the versions of all domains move on: more commits than anybody makes between two backups.
constexpr std::uint64_t kVersionsSkipped = 1'000'000;
constexpr int kVersionsAtOnce = 10'000;

StoreResult<> restore_database(const BackupFolder& folder, const BackupPoint& point, const std::string& directory) {
    TRY(const auto backups, folder.read_database());
    const rocksdb::Status done =
        backups->RestoreDBFromBackup(rocksdb::RestoreOptions(), point.database, directory, directory);
    if (done.IsCorruption() || done.IsNotFound())
        return failure(Error{ErrorCode::damaged,
                             fmt::format("the database of the backup {} is damaged: {}", point.name, done.ToString())});
    if (!done.ok()) return failure(rocks::from_status(done, "restore the database"));
    return {};
}

StoreResult<> raise_versions(const std::string& directory) {
    TRY(const auto database, rocks::Database::open({.directory = directory, .must_exist = true}));
    rocksdb::WriteOptions durable;
    durable.sync = true;
    rocksdb::WriteBatch batch;
    const std::unique_ptr<rocksdb::Iterator> at(database->rocks().NewIterator({}));
    for (at->Seek(std::string(1, rocks::kVersionPrefix));
         at->Valid() && at->key().starts_with(std::string(1, rocks::kVersionPrefix)); at->Next()) {
        const auto version = rocks::decode_number({at->value().data(), at->value().size()});
        if (version) batch.Put(at->key(), rocks::encode_number(*version + kVersionsSkipped));
        if (batch.Count() < kVersionsAtOnce) continue;
        if (const auto written = database->rocks().Write(durable, &batch); !written.ok())
            return failure(rocks::from_status(written, "raise the versions"));
        batch.Clear();
    }
    if (!at->status().ok()) return failure(rocks::from_status(at->status(), "raise the versions"));
    if (const auto written = database->rocks().Write(durable, &batch); !written.ok())
        return failure(rocks::from_status(written, "raise the versions"));
    return {};
}

/// Copies one segment and compares its checksum.
StoreResult<> restore_segment(const BackupFolder& folder, const BackupSegment& segment, const std::string& path,
                              std::vector<std::string>& damage) {
    const auto from = folder.disk().open_read_only(folder.segments_path() + "/" + segment.file);
    if (!from) {
        damage.push_back(fmt::format("segment file {} cannot be read: {}", segment.file, from.error().detail));
        return {};
    }
    const auto to = folder.disk().create(path);
    if (!to) return failure(from_disk(to.error()));
    std::optional<Error> failed;
    const auto write = [&](std::uint64_t at, std::string_view piece) -> StoreResult<> {
        const std::string_view pieces[] = {piece};
        const auto written = (*to)->write_at(at, pieces);
        if (!written) failed = from_disk(written.error());
        if (failed) return failure(*failed);
        return {};
    };
    const auto crc = file_crc(**from, {.begin = 0, .end = segment.octets}, 0, write);
    if (failed) return failure(*failed);
    if (!crc || *crc != segment.crc)
        damage.push_back(fmt::format("segment file {} is damaged: {}", segment.file,
                                     crc ? std::string("its checksum does not match") : crc.error().detail));
    if (const auto synced = (*to)->sync(); !synced) return failure(from_disk(synced.error()));
    return {};
}

} // namespace

StoreResult<RestoredStore> restore_store(const BackupFolder& folder, const BackupPoint& point,
                                         const std::string& directory, const GoOn& go_on) {
    disk::FileSystem& disk = folder.disk();
    const std::string segments = directory + "/segments";
    for (const std::string& path : {directory, directory + "/db", segments})
        if (const auto made = disk.make_directory(path); !made) return failure(from_disk(made.error()));
    RestoredStore restored{.octets = point.octets(), .damage = {}};
    TRY_VOID(restore_database(folder, point, directory + "/db"));
    std::uint64_t done = point.database_octets;
    for (const BackupSegment& segment : point.segments) {
        if (go_on && !go_on(done)) return failure(Error{ErrorCode::unavailable, "stopping"});
        TRY_VOID(
            restore_segment(folder, segment, fmt::format("{}/{:016x}.seg", segments, segment.number), restored.damage));
        done += segment.octets;
    }
    for (const std::string& path : {segments, directory + "/db", directory})
        if (const auto synced = disk.sync_directory(path); !synced) return failure(from_disk(synced.error()));
    TRY_VOID(raise_versions(directory + "/db"));
    return restored;
}

} // namespace tegami::store
