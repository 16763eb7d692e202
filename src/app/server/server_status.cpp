// What `tegami status` tells of the running server.
#include "app/server/server_parts.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace tegami::app {

/// What is known without waiting.
admin::ServerStatus Server::status_at_once() {
    const std::uint64_t budget = config_.memory_budget_bytes;
    const ConnectionGate::Use connections = gate_.use();
    const SlowFigures::Figures& figures = slow_figures_->current();
    admin::ServerStatus status{.version = TEGAMI_VERSION,
                               .host_name = config_.host_name,
                               .process = ::getpid(),
                               .started = started_,
                               .connections = connections.connections,
                               .connections_max = connections.connections_max,
                               .memory_bytes = own_memory_bytes(),
                               .memory_budget = budget,
                               .memory_pressed = peers_memory_.pressed() || message_memory_.pressed(),
                               .store_bytes = figures.store_bytes,
                               .queue_messages = figures.queue.messages,
                               .queue_oldest = figures.queue.oldest,
                               .index_waiting = figures.index_waiting,
                               .certificates = certificates_->states(),
                               .backups_wanted = !config_.backup_directories.empty(),
                               .log_lines_lost = log_lines_left_out_ ? log_lines_left_out_() : 0,
                               .journey_events_lost = backend_->journeys().counts().lost.value()};
    status.memory = memory_parts(status.memory_bytes);
    const std::vector<net::Endpoint> where = endpoints();
    for (std::size_t at = 0; at < where.size(); ++at)
        status.listening.push_back(
            {.service = std::string(name_of(config_.listeners[at].service)), .endpoint = where[at].to_string()});
    status.disk_free_bytes = backend_->disk().free_bytes(config_.data_directory).value_or(0);
    return status;
}

/// Who has how much of all that the process takes.
std::vector<admin::ServerStatus::MemoryPart> Server::memory_parts(std::uint64_t all_bytes) {
    const std::uint64_t budget = config_.memory_budget_bytes;
    const MemoryShares shares = share_out(budget);
    const CacheShares caches = caches_beside(budget, peers_memory_.used());
    const store::RocksEngine::Memory engine = backend_->engine().memory();
    std::vector<admin::ServerStatus::MemoryPart> parts{{"connections", connection_memory_.used(), shares.connections},
                                                       {"messages under way", message_memory_.used(), shares.messages},
                                                       {"mailboxes", backend_->store().memory_bytes(), caches.store},
                                                       {"database cache", engine.cache, caches.engine_cache},
                                                       {"database writes", engine.write_buffers, shares.engine / 2}};
    const auto add = [](std::uint64_t sum, const auto& part) { return sum + part.bytes; };
    const std::uint64_t named = std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}, add);
    parts.push_back({.name = "the program itself", .bytes = all_bytes - std::min(all_bytes, named)});
    return parts;
}

async::Awaitable<std::optional<admin::LastBackup>> Server::last_backup() {
    const async::WorkerLanes lanes = lanes_.lanes();
    const auto read = [folder = config_.data_directory] { return admin::read_last_backup(folder); };
    co_return co_await async::run(&lanes.reads, read);
}

async::Awaitable<admin::ServerStatus> Server::status() {
    admin::ServerStatus status = status_at_once();
    status.last_backup = co_await last_backup();
    const auto queue = co_await backend_->queue().depth();
    if (queue) {
        status.queue_messages = queue->messages;
        status.queue_oldest = queue->oldest;
    }
    co_return status;
}

/// For the service manager.
std::string Server::sentence() {
    const std::size_t connections = gate_.use().connections;
    return fmt::format("Serving {}{}.", connections == 1 ? "1 connection" : fmt::format("{} connections", connections),
                       peers_memory_.pressed() ? "; the memory budget is reached, and new ones are turned away" : "");
}

} // namespace tegami::app
