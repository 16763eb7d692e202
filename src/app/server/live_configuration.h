// What of the configuration can change while the server runs, and reading it again.
#pragma once

#include "admin/admin.h"
#include "app/configuration/config.h"
#include "app/server/certificate_keeper.h"
#include "app/server/connection_gate.h"
#include "app/server/service_manager.h"
#include "async/mutex.h"
#include "service/smtpd/smtpd.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tegami::app {

/// What a reload changes for new connections; one that is there keeps what it began with.
struct LiveSettings {
    std::shared_ptr<const smtpd::Settings> smtp;
    std::uint64_t append_bytes_max = 0;
};

class LiveConfiguration {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config; ///< as it was at the start
        ConnectionGate& gate;
        CertificateKeeper& certificates;
        directory::Administration& directory;
        ServiceManager& manager;
        async::WorkerPool& workers; ///< for short reads
        async::Timers& timers;
        Log& log;
        /// Somebody wants the process to end and to be started again; may be nothing.
        std::function<void()> on_restart;
    };

    explicit LiveConfiguration(Dependencies dependencies);

    /// From any thread.
    std::shared_ptr<const LiveSettings> settings() const;
    /// Reads the configuration file again; one at a time. What it sets is set by one thread, the first context's, on
    /// which it is called, and readers take snapshots.
    async::Awaitable<admin::ReloadOutcome> reload();
    /// Asks for a restart, if somebody keeps the sockets and the next server can begin with the configuration. Why not, in
    /// sentences. On the first context.
    async::Awaitable<std::vector<std::string>> restart();

private:
    async::Awaitable<admin::ReloadOutcome> read_again();
    std::vector<std::string> why_not_bound(const Config& next);
    void publish();

    const Dependencies dependencies_;
    Config current_; ///< with what reloads have changed; under reloading_
    async::Mutex reloading_;
    mutable std::mutex guard_;
    std::shared_ptr<const LiveSettings> settings_;
};

} // namespace tegami::app
