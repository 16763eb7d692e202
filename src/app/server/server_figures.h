// What a running server tells of itself: to `tegami status`, to Prometheus (docs/metrics.md) and to the service manager.
#pragma once

#include "admin/admin.h"
#include "app/configuration/config.h"
#include "app/server/backend.h"
#include "app/server/certificate_keeper.h"
#include "app/server/connection_gate.h"
#include "app/server/slow_figures.h"
#include "base/counter.h"
#include "directory/authenticator.h"
#include "net/http.h"

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

class MetricsText;

/// Connections of one service.
struct ServiceCounts {
    Counter accepted;
    Counter refused; ///< there were too many
    std::atomic<std::int64_t> open = 0;
};

/// On the first I/O thread.
class ServerFigures {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config; ///< as it was at the start
        Backend& backend;
        ConnectionGate& gate;
        CertificateKeeper& certificates;
        directory::Authenticator& authenticator;
        const SlowFigures& slow;
        const std::array<ServiceCounts, kServiceCount>& services;
        const MemoryBudget& peers; ///< connections and messages under way together
        const MemoryBudget& connections;
        const MemoryBudget& messages;
        async::WorkerPool& workers; ///< for short reads
        async::Timers& timers;
        std::function<std::vector<net::Endpoint>()> endpoints;
        std::function<std::uint64_t()> log_lines_left_out; ///< since the start; may be nothing
        std::function<std::vector<admin::ServerStatus::Durations>()> durations;
    };

    explicit ServerFigures(Dependencies dependencies)
        : dependencies_(std::move(dependencies)), started_(dependencies_.timers.now()) {}

    async::Awaitable<admin::ServerStatus> status();
    /// What Prometheus is told.
    async::Awaitable<net::HttpResponse> metrics();
    /// For who asks the service manager.
    std::string sentence();

private:
    admin::ServerStatus status_at_once();
    async::Awaitable<std::optional<admin::LastBackup>> last_backup();
    std::vector<admin::ServerStatus::MemoryPart> memory_parts(std::uint64_t all_bytes);
    void add_connections(MetricsText& text) const;
    void add_mail(MetricsText& text) const;
    void add_commits(MetricsText& text);

    const Dependencies dependencies_;
    const Timestamp started_;
};

} // namespace tegami::app
