// What `tegami status` tells of the running server.
#include "app/server/server_figures.h"

#include "app/server/memory_watch.h"
#include "async/run.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace tegami::app {

/// What is known without waiting.
admin::ServerStatus ServerFigures::status_at_once() {
    const std::uint64_t budget = dependencies_.config.memory_budget_bytes;
    const ConnectionGate::Use connections = dependencies_.gate.use();
    const directory::LoginCounts& logins = dependencies_.authenticator.counts();
    std::uint64_t logins_refused = 0;
    for (const std::string_view reason : logins.failed.words())
        logins_refused += logins.failed.value(reason);
    const SlowFigures::Figures& figures = dependencies_.slow.current();
    admin::ServerStatus status{.version = TEGAMI_VERSION,
                               .host_name = dependencies_.config.host_name,
                               .process = ::getpid(),
                               .started = started_,
                               .connections = connections.connections,
                               .connections_max = connections.connections_max,
                               .logins_refused = logins_refused,
                               .memory_bytes = own_memory_bytes(),
                               .memory_budget = budget,
                               .memory_pressed = dependencies_.peers.pressed() || dependencies_.messages.pressed(),
                               .store_bytes = figures.store_bytes,
                               .queue_messages = figures.queue.messages,
                               .queue_oldest = figures.queue.oldest,
                               .index_waiting = figures.index_waiting,
                               .certificates = dependencies_.certificates.states(),
                               .backups_wanted = !dependencies_.config.backup_directories.empty(),
                               .log_lines_lost =
                                   dependencies_.log_lines_left_out ? dependencies_.log_lines_left_out() : 0,
                               .journey_events_lost = dependencies_.backend.journeys().counts().lost.value()};
    status.durations = dependencies_.durations();
    status.memory = memory_parts(status.memory_bytes);
    const std::vector<net::Endpoint> where = dependencies_.endpoints();
    for (std::size_t at = 0; at < where.size(); ++at)
        status.listening.push_back({.service = std::string(name_of(dependencies_.config.listeners[at].service)),
                                    .endpoint = where[at].to_string()});
    status.disk_free_bytes = dependencies_.backend.disk().free_bytes(dependencies_.config.data_directory).value_or(0);
    return status;
}

/// Who has how much of all that the process takes.
std::vector<admin::ServerStatus::MemoryPart> ServerFigures::memory_parts(std::uint64_t all_bytes) {
    const std::uint64_t budget = dependencies_.config.memory_budget_bytes;
    const MemoryShares shares = share_out(budget);
    const CacheShares caches = caches_beside(budget, dependencies_.peers.used());
    const store::RocksEngine::Memory engine = dependencies_.backend.engine().memory();
    std::vector<admin::ServerStatus::MemoryPart> parts{
        {"connections", dependencies_.connections.used(), shares.connections},
        {"messages under way", dependencies_.messages.used(), shares.messages},
        {"mailboxes", dependencies_.backend.store().memory_bytes(), caches.store},
        {"database cache", engine.cache, caches.engine_cache},
        {"database writes", engine.write_buffers, shares.engine / 2}};
    const auto add = [](std::uint64_t sum, const auto& part) { return sum + part.bytes; };
    const std::uint64_t named = std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}, add);
    parts.push_back({.name = "the program itself", .bytes = all_bytes - std::min(all_bytes, named)});
    return parts;
}

async::Awaitable<std::optional<admin::LastBackup>> ServerFigures::last_backup() {
    const auto read = [folder = dependencies_.config.data_directory] { return admin::read_last_backup(folder); };
    co_return co_await async::run(&dependencies_.workers, read);
}

async::Awaitable<admin::ServerStatus> ServerFigures::status() {
    admin::ServerStatus status = status_at_once();
    status.last_backup = co_await last_backup();
    const auto queue = co_await dependencies_.backend.queue().depth();
    if (queue) {
        status.queue_messages = queue->messages;
        status.queue_oldest = queue->oldest;
    }
    co_return status;
}

/// For the service manager.
std::string ServerFigures::sentence() {
    const std::size_t connections = dependencies_.gate.use().connections;
    return fmt::format("Serving {}{}.", connections == 1 ? "1 connection" : fmt::format("{} connections", connections),
                       dependencies_.peers.pressed() ? "; the memory budget is reached, and new ones are turned away"
                                                     : "");
}

} // namespace tegami::app
