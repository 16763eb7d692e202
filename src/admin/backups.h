// What `tegami backup` and `tegami restore` do in an open store: points of everything that makes this server, and mail
// of them back into accounts.
#pragma once

#include "admin/json.h"
#include "admin/last_backup.h"
#include "async/timer.h"
#include "async/worker_lanes.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/random.h"
#include "directory/administration.h"
#include "disk/file_system.h"
#include "store/engine/backup_reader.h"
#include "store/engine/rocks.h"
#include "store/recovery/restore.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::admin {

/// Names of a point's files.
inline constexpr const char* kBackupConfig = "tegami.toml";
inline constexpr const char* kBackupCertificate = "certificate.pem";
inline constexpr const char* kBackupKey = "key.pem";
inline constexpr const char* kBackupNextKey = "next-key.pem";

class Backups {
public:
    /// A file beside the store that a point holds too; one that is not there is left out.
    struct File {
        std::string name; ///< in the point
        std::string path;
    };

    /// All of them outlive it.
    struct Dependencies {
        store::RocksEngine& engine;
        disk::FileSystem& disk;
        store::Store& store;
        directory::Administration& directory;
        async::WorkerLanes lanes;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
        std::string data_directory;
        /// The only folders that backups may lie in, with all below them; nothing: anywhere.
        std::optional<std::vector<std::string>> places{};
        std::function<std::vector<File>()> files; ///< asked for each point, on a worker
    };

    explicit Backups(Dependencies dependencies);

    /// Adds a point to the folder, which is made if it is missing; `keep` is how many remain, 0: all. The folder is an
    /// absolute path outside of the data directory.
    async::Awaitable<store::StoreResult<store::BackupDone>> backup(std::string directory, std::size_t keep,
                                                                   ProgressPtr progress);

    /// A point opened for reading.
    struct Source {
        std::string name;
        std::unique_ptr<store::BackupReader> engine;
    };

    /// The latest point whose name begins with `point`.
    async::Awaitable<store::StoreResult<std::unique_ptr<Source>>> open(std::string directory, std::string point);

    /// What a folder has.
    struct Points {
        std::vector<store::BackupPoint> points; ///< that can be read, oldest first
        std::vector<std::string> unreadable;    ///< names of those that cannot
        std::optional<BackupCheckup> checkup;   ///< when verify() last read all of it
    };

    async::Awaitable<store::StoreResult<Points>> points(std::string directory);
    /// Reads all points of the folder, compares every checksum, and remembers that.
    async::Awaitable<store::StoreResult<store::BackupCheck>> verify(std::string directory, ProgressPtr progress);

    struct Restored {
        store::RestoreReport report;
        bool account_made = false; ///< it was not there any more
    };

    /// Brings mail of an account back. Errors: not_found (the backup has no such account or mailbox).
    async::Awaitable<store::StoreResult<Restored>> restore(Source* source, message::EmailAddress address,
                                                           store::RestoreWish wish, ProgressPtr progress);

private:
    async::Awaitable<store::StoreResult<std::uint64_t>> count_accounts();
    async::Awaitable<> remember(Timestamp time, std::string directory);
    async::Awaitable<store::StoreResult<store::AccountPtr>> target(store::Engine* backup, message::EmailAddress address,
                                                                   Restored* restored);

    const Dependencies dependencies_;
};

/// A point as `backup list` shows it.
json::object to_json(const store::BackupPoint& point);

} // namespace tegami::admin
