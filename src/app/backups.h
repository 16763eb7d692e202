// What `tegami backup` and `tegami restore` do in an open store: points of everything that makes this server, and mail
// of them back into accounts.
#pragma once

#include "app/backend.h"
#include "app/config.h"
#include "async/timer.h"
#include "async/worker_lanes.h"
#include "base/random.h"
#include "store/engine/backup_reader.h"
#include "store/restore.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// Names of a point's files.
inline constexpr const char* kBackupConfig = "tegami.toml";
inline constexpr const char* kBackupCertificate = "certificate.pem";
inline constexpr const char* kBackupKey = "key.pem";

class Backups {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config;
        Backend& backend;
        async::WorkerLanes lanes;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
    };

    explicit Backups(Dependencies dependencies);

    /// Adds a point to the folder, which is made if it is missing; `keep` is how many remain, 0: all. The folder is an
    /// absolute path outside of the data directory.
    async::Awaitable<store::StoreResult<store::BackupDone>> backup(std::string directory, std::size_t keep);

    /// A point opened for reading.
    struct Source {
        std::string name;
        std::unique_ptr<store::BackupReader> engine;
    };

    /// The latest point whose name begins with `point`.
    async::Awaitable<store::StoreResult<std::unique_ptr<Source>>> open(std::string directory, std::string point);

    struct Restored {
        store::RestoreReport report;
        bool account_made = false; ///< it was not there any more
    };

    /// Brings mail of an account back. Errors: not_found (the backup has no such account or mailbox).
    async::Awaitable<store::StoreResult<Restored>> restore(Source* source, message::EmailAddress address,
                                                           store::RestoreWish wish);

private:
    async::Awaitable<store::StoreResult<std::uint64_t>> count_accounts();
    async::Awaitable<store::StoreResult<store::AccountPtr>> target(store::Engine* backup, message::EmailAddress address,
                                                                   Restored* restored);

    Dependencies dependencies_;
};

} // namespace tegami::app
