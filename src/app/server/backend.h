// Everything below the services, opened on a data directory: engine, store, directory, queue, journeys. What a server
// and a command without a server have in common. One process at a time has it open.
#pragma once

#include "admin/backups.h"
#include "app/configuration/config.h"
#include "async/timer.h"
#include "async/worker_lanes.h"
#include "base/log.h"
#include "base/random.h"
#include "directory/directory.h"
#include "disk/real.h"
#include "store/audit.h"
#include "store/engine/rocks.h"
#include "store/journey.h"
#include "store/kept_reports.h"
#include "store/queue.h"
#include "store/store.h"
#include "store/tally.h"
#include "store/traffic.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace tegami::app {

/// Whether this process may open the store in this data directory, which need not be there yet: it must be allowed to,
/// and root must not leave files in one of another user, who could not open the store any more. `euid` is who we are.
/// The error is a sentence for the operator.
Result<void, std::string> check_owner(const std::string& data_directory, unsigned euid);

/// Whether there is a store in this data directory, as far as one may look. Without one its disk is perhaps not
/// mounted, and a new store in its place would refuse for good what comes for the people in the other. The error is a
/// sentence for the operator.
Result<void, std::string> check_store(const std::string& data_directory);

class Backend {
public:
    /// All of them outlive it.
    struct Dependencies {
        /// Runs the steps of open(); outlives the lanes' threads too.
        boost::asio::io_context& context;
        async::WorkerLanes lanes;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
    };

    /// Opens the store in the data directory, or makes it. Blocks. The error is a sentence for the operator.
    static Result<std::unique_ptr<Backend>, std::string> open(const Config& config, Dependencies dependencies);
    /// Blocks until everything is durable. No call may be running.
    ~Backend();

    store::RocksEngine& engine() { return *engine_; }

    disk::FileSystem& disk() { return disk_; }

    store::Store& store() { return *store_; }

    store::Queue& queue() { return *queue_; }

    store::Journeys& journeys() { return *journeys_; }

    store::Audit& audit() { return *audit_; }

    store::Traffic& traffic() { return *traffic_; }

    store::Tally& tally() { return *tally_; }

    store::KeptReports& reports() { return *reports_; }

    directory::Directory& directory() { return *directory_; }

private:
    Backend() = default;

    disk::RealFileSystem disk_;
    std::unique_ptr<store::RocksEngine> engine_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Queue> queue_;
    std::unique_ptr<store::Traffic> traffic_;
    std::unique_ptr<store::Journeys> journeys_;
    std::unique_ptr<store::Audit> audit_;
    std::unique_ptr<store::Tally> tally_;
    std::unique_ptr<store::KeptReports> reports_;
    std::unique_ptr<directory::Directory> directory_;
};

/// Backups of this store, with the configuration and the certificate; all arguments outlive them. `places` as in Backups.
std::unique_ptr<admin::Backups> make_backups(const Config& config, Backend& backend, Backend::Dependencies dependencies,
                                             std::optional<std::vector<std::string>> places);

} // namespace tegami::app
