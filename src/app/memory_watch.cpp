#include "app/memory_watch.h"

#include <fmt/format.h>

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace tegami::app {

namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

// In sixteenths of the budget: where nothing new may begin any more, and where it may again.
constexpr std::uint64_t kPressedAt = 14;
constexpr std::uint64_t kRelievedAt = 13;

/// What the process takes of the machine's memory, shared libraries included.
std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    file >> all >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

MemoryShares share_out(std::uint64_t budget_bytes) {
    return {.engine = budget_bytes / 4, .store = budget_bytes / 8, .peers = budget_bytes / 8 * 3};
}

async::Awaitable<> MemoryWatch::run() {
    for (;;) {
        co_await look();
        co_await async::sleep(&needs_.timers, kInterval);
    }
}

async::Awaitable<> MemoryWatch::look() {
    const std::uint64_t limit = budget_bytes_ / 16 * (needs_.memory.pressed() ? kRelievedAt : kPressedAt);
    if (resident_bytes() < limit) {
        if (needs_.memory.pressed()) needs_.log.info("memory: new connections and messages are taken again", {});
        needs_.memory.set_pressed(false);
        co_return;
    }
    if (!needs_.memory.pressed())
        needs_.log.warning("memory: the budget is reached; new connections and messages have to wait",
                           {{"budget", fmt::format("{} MiB", budget_bytes_ >> 20)}});
    needs_.memory.set_pressed(true);
    needs_.store.trim(0);
    co_await async::run(&needs_.workers, [] { ::malloc_trim(0); });
}

} // namespace tegami::app
