// What `tegami status` tells of the running server.
#include "app/server/server_parts.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace tegami::app {

admin::ServerStatus Server::status() {
    const std::uint64_t budget = config_.memory_budget_bytes;
    const MemoryShares shares = share_out(budget);
    const CacheShares caches = caches_beside(budget, memory_.used());
    const store::RocksEngine::Memory engine = backend_->engine().memory();
    const std::uint64_t messages = message_memory_.used();
    const ConnectionGate::Use connections = gate_.use();
    admin::ServerStatus status{
        .version = TEGAMI_VERSION,
        .host_name = config_.host_name,
        .process = ::getpid(),
        .started = started_,
        .connections = connections.connections,
        .connections_max = connections.connections_max,
        .memory_bytes = own_memory_bytes(),
        .memory_budget = budget,
        .memory = {{"connections", memory_.used() - std::min(memory_.used(), messages), shares.peers},
                   {"messages under way", messages, shares.messages},
                   {"mailboxes", backend_->store().memory_bytes(), caches.store},
                   {"database cache", engine.cache, caches.engine_cache},
                   {"database writes", engine.write_buffers, shares.engine / 2}}};
    const auto add = [](std::uint64_t sum, const auto& part) { return sum + part.bytes; };
    const std::uint64_t named = std::accumulate(status.memory.begin(), status.memory.end(), std::uint64_t{0}, add);
    status.memory.push_back(
        {.name = "the program itself", .bytes = status.memory_bytes - std::min(status.memory_bytes, named)});
    const std::vector<net::Endpoint> where = endpoints();
    for (std::size_t at = 0; at < where.size(); ++at)
        status.listening.push_back(
            {.service = std::string(name_of(config_.listeners[at].service)), .endpoint = where[at].to_string()});
    status.disk_free_bytes = backend_->disk().free_bytes(config_.data_directory).value_or(0);
    return status;
}

/// For the service manager.
std::string Server::sentence() {
    const std::size_t connections = gate_.use().connections;
    return fmt::format("Serving {}{}.", connections == 1 ? "1 connection" : fmt::format("{} connections", connections),
                       memory_.pressed() ? "; the memory budget is reached, and new ones are turned away" : "");
}

} // namespace tegami::app
