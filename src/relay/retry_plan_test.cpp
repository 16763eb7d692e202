#include "relay/retry_plan.h"

#include <gtest/gtest.h>

namespace tegami::relay {
namespace {

using namespace std::chrono_literals;

TEST(RetryPlan, DoublesUpToTheLongestAndNeverSchedulesInThePastOrAfterExpiry) {
    SeededRandom random(1);
    const RetryPlan plan{.first = 300s, .longest = 4h};
    const Timestamp now(1'000'000s);
    const Timestamp expires = now + 120h;
    for (std::uint32_t attempts = 1; attempts < 200; ++attempts) {
        const Timestamp next = next_attempt(plan, attempts, now, expires, random);
        const auto planned = std::min<std::chrono::seconds>(300s * (1LL << std::min(attempts - 1, 20U)), 4h);
        EXPECT_GE(next, now + planned * 9 / 10) << attempts;
        EXPECT_LE(next, now + planned * 11 / 10) << attempts;
    }
    EXPECT_EQ(next_attempt(plan, 3, now, now + 10s, random), now + 10s);
    EXPECT_GT(next_attempt(plan, 3, now, now - 10s, random), now);
}

} // namespace
} // namespace tegami::relay
