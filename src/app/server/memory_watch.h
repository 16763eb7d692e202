// Keeps the process within its memory budget: looks at what it really takes, gives back what caches hold, and while
// that does not help lets first no new message begin, then no new connection (MemoryBudget). What is under way goes on.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace tegami::app {

/// How the budget is shared out. What is not named is for the program itself.
struct MemoryShares {
    std::uint64_t engine = 0;      ///< the engine's cache and its write buffers, half of it each
    std::uint64_t store = 0;       ///< the views and accounts that nobody uses at the moment
    std::uint64_t peers = 0;       ///< connections and messages under way together, at the most
    std::uint64_t connections = 0; ///< what connections may take of that: the rest is for messages, whoever comes
    std::uint64_t messages = 0;    ///< what messages may take of it
};

MemoryShares share_out(std::uint64_t budget_bytes);

/// What the caches may take beside peers that hold `peers_bytes`: they give up what peers take beyond three eighths of
/// the budget.
struct CacheShares {
    std::uint64_t engine_cache = 0;
    std::uint64_t store = 0;

    bool operator==(const CacheShares&) const = default;
};

CacheShares caches_beside(std::uint64_t budget_bytes, std::uint64_t peers_bytes);

/// What the process takes of the machine's memory for itself: without what it maps from files (its program, libraries).
std::uint64_t own_memory_bytes();

/// Limit: passwords hashed at once, 19 MiB each: four in the smallest budget, 192 MiB.
std::size_t hashes_at_once_max(std::uint64_t budget_bytes);

class MemoryWatch {
public:
    /// All of them outlive it.
    struct Dependencies {
        MemoryBudget& peers;
        MemoryBudget& messages;
        store::Store& store;
        std::function<void(std::size_t)> set_engine_cache; ///< to so many octets
        async::WorkerPool& workers;
        async::Timers& timers;
        Log& log;
    };

    MemoryWatch(Dependencies dependencies, std::uint64_t budget_bytes)
        : dependencies_(dependencies), budget_bytes_(budget_bytes) {}

    /// Watches until its task is cancelled.
    async::Awaitable<> run();

    /// Whether memory is to be given back now, with `bytes` in use; counts as done if so.
    bool tidying_due(std::uint64_t bytes, Instant now);

private:
    async::Awaitable<> look();
    void share_caches();
    void set_pressed(MemoryBudget& budget, std::string_view what, bool pressed);

    const Dependencies dependencies_;
    const std::uint64_t budget_bytes_;
    std::optional<Instant> last_tidying_;
    std::optional<CacheShares> caches_;
};

} // namespace tegami::app
