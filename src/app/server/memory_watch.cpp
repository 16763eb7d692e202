#include "app/server/memory_watch.h"

#include <fmt/format.h>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace tegami::app {

namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
/// How often caches are emptied and freed memory is given back to the system: near the limit, and while more than half
/// of the budget is in use. Giving back locks every arena of the allocator, so that is not done at each look.
constexpr auto kPressedInterval = std::chrono::seconds(1);
constexpr auto kTidyInterval = std::chrono::seconds(5);

// In sixteenths of the budget: where caches are emptied and no new message may begin, and where no new connection may.
constexpr std::uint64_t kFewAt = 13;
constexpr std::uint64_t kNoneAt = 15;

/// What the program takes itself: its own data, threads, what the allocator cannot give back.
constexpr std::uint64_t kProgramBytes = 24U << 20;

} // namespace

std::uint64_t own_memory_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    std::uint64_t from_files = 0;
    file >> all >> resident >> from_files;
    return (resident - std::min(resident, from_files)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

MemoryShares share_out(std::uint64_t budget_bytes) {
    const std::uint64_t eighth = budget_bytes / 8;
    const std::uint64_t peers = std::max(eighth * 3, eighth * 5 - std::min(eighth * 5, kProgramBytes));
    return {.engine = eighth * 2,
            .store = eighth,
            .peers = peers,
            .connections = peers - eighth / 4,
            .messages = eighth / 2 * 3};
}

CacheShares caches_beside(std::uint64_t budget_bytes, std::uint64_t peers_bytes) {
    const std::uint64_t eighth = budget_bytes / 8;
    const std::uint64_t given_up = (peers_bytes - std::min(peers_bytes, eighth * 3)) / 2; // by each of the two
    const std::uint64_t each = std::max(eighth - std::min(eighth, given_up), eighth / 4);
    return {.engine_cache = each, .store = each};
}

std::size_t hashes_at_once_max(std::uint64_t budget_bytes) {
    constexpr std::uint64_t kBudgetOfOne = 48U << 20;
    return std::max<std::size_t>(1, budget_bytes / kBudgetOfOne);
}

async::Awaitable<> MemoryWatch::run() {
    for (;;) {
        co_await look();
        co_await async::sleep(&dependencies_.timers, kInterval);
    }
}

bool MemoryWatch::tidying_due(std::uint64_t bytes, Instant now) {
    const bool pressed = bytes >= kFewAt * (budget_bytes_ / 16);
    if (bytes < budget_bytes_ / 2) return false;
    const Duration interval = pressed ? Duration(kPressedInterval) : Duration(kTidyInterval);
    if (last_tidying_ && now < *last_tidying_ + interval) return false;
    last_tidying_ = now;
    return true;
}

void MemoryWatch::set_pressed(MemoryBudget& budget, std::string_view what, bool pressed) {
    if (budget.pressed() == pressed) return;
    const std::string mib = fmt::format("{} MiB", budget_bytes_ >> 20);
    const std::string held = fmt::format("{} MiB", budget.used() >> 20);
    if (pressed)
        dependencies_.log.warning("memory: the budget is reached, nothing new may begin",
                                  {{"of", what}, {"held", held}, {"budget", mib}});
    else
        dependencies_.log.info("memory: there is room again", {{"of", what}, {"held", held}, {"budget", mib}});
    budget.set_pressed(pressed);
}

void MemoryWatch::share_caches() {
    const CacheShares shares = caches_beside(budget_bytes_, dependencies_.peers.used());
    if (shares.store < share_out(budget_bytes_).store) dependencies_.store.trim(shares.store);
    if (caches_ == shares) return;
    caches_ = shares;
    dependencies_.set_engine_cache(shares.engine_cache);
}

async::Awaitable<> MemoryWatch::look() {
    share_caches();
    const std::uint64_t sixteenth = budget_bytes_ / 16;
    const Instant now = dependencies_.timers.instant();
    if (tidying_due(own_memory_bytes(), now)) {
        if (own_memory_bytes() >= kFewAt * sixteenth) dependencies_.store.trim(0);
        co_await async::run(&dependencies_.workers, [] { ::malloc_trim(0); });
    }
    const std::uint64_t left = own_memory_bytes(); // what giving back has not helped with
    set_pressed(dependencies_.peers, "connections", left >= kNoneAt * sixteenth);
    set_pressed(dependencies_.messages, "messages", left >= kFewAt * sixteenth);
}

} // namespace tegami::app
