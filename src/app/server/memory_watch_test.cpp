#include "app/server/memory_watch.h"
#include "async/virtual_time.h"
#include "store/engine/memory.h"

#include <gtest/gtest.h>

namespace tegami::app {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kBudget = 16'000;

class MemoryWatchTest : public ::testing::Test {
protected:
    /// How often memory is given back in ten seconds of looks with so much in use.
    int times_in_ten_seconds(std::uint64_t bytes) {
        MemoryWatch watch({.peers = memory_,
                           .messages = memory_,
                           .store = store_,
                           .set_engine_cache = [](std::size_t) {},
                           .workers = workers_,
                           .timers = time_,
                           .log = log_},
                          kBudget);
        int times = 0;
        for (int look = 0; look < 100; ++look)
            times += watch.tidying_due(bytes, time_.instant() + look * 100ms) ? 1 : 0;
        return times;
    }

    async::VirtualTime time_{1};
    async::InlinePool workers_;
    SilentLog log_;
    MemoryBudget memory_{kBudget};
    store::MemoryEngine engine_;
    store::Store store_{&engine_, &time_};
};

TEST_F(MemoryWatchTest, GivesMemoryBackOnceASecondAtTheMost) {
    EXPECT_EQ(times_in_ten_seconds(kBudget / 2 - 1), 0);
    EXPECT_EQ(times_in_ten_seconds(kBudget / 2), 2);
    EXPECT_EQ(times_in_ten_seconds(kBudget), 10) << "the allocator's arenas are locked for it";
}

TEST(MemoryShares, CachesGiveUpWhatPeersTakeBeyondTheirs) {
    constexpr std::uint64_t kMiB = 1U << 20;
    const auto mib = [](std::uint64_t peers) {
        const CacheShares shares = caches_beside(512 * kMiB, peers * kMiB);
        EXPECT_EQ(shares.engine_cache, shares.store);
        return shares.store / kMiB;
    };
    EXPECT_EQ(mib(0), 64U);
    EXPECT_EQ(mib(192), 64U);
    EXPECT_EQ(mib(232), 44U);
    EXPECT_EQ(mib(1000), 16U);
    for (const std::uint64_t budget : {192 * kMiB, 256 * kMiB, 512 * kMiB, 1024 * 1024 * kMiB}) {
        const MemoryShares shares = share_out(budget);
        const CacheShares caches = caches_beside(budget, shares.peers);
        EXPECT_LE(shares.peers + shares.engine / 2 + caches.engine_cache + caches.store, budget - 24 * kMiB)
            << "the program has its part";
    }
    EXPECT_GE(share_out(512 * kMiB).connections, 10'000U * 28 * 1024);
}

TEST(MemoryShares, AllPasswordsHashedAtOnceLeaveMostOfTheBudget) {
    constexpr std::uint64_t kMiB = 1U << 20;
    for (const std::uint64_t budget : {192 * kMiB, 512 * kMiB, 1024 * 1024 * kMiB})
        EXPECT_LE(hashes_at_once_max(budget) * 19 * kMiB, budget / 5 * 2);
    EXPECT_EQ(hashes_at_once_max(192 * kMiB), 4U);
}

} // namespace
} // namespace tegami::app
