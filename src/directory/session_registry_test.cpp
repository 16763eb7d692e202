#include "directory/session_registry.h"

#include "async/virtual_time.h"

#include <gtest/gtest.h>

namespace tegami::directory {
namespace {

TEST(SessionRegistry, AsksTheSessionsOfOneAccountToEnd) {
    async::VirtualTime time(1);
    SessionRegistry registry;
    int ended = 0;
    int others = 0;
    const auto one = registry.add(AccountId(1), time.executor(), [&] { ++ended; });
    const auto two = registry.add(AccountId(1), time.executor(), [&] { ++ended; });
    const auto other = registry.add(AccountId(2), time.executor(), [&] { ++others; });
    registry.end_all(AccountId(1));
    EXPECT_EQ(ended, 0) << "never inside the call";
    time.run();
    EXPECT_EQ(ended, 2);
    registry.end_all(AccountId(1));
    time.run();
    EXPECT_EQ(ended, 2) << "once";
    EXPECT_EQ(others, 0);
}

TEST(SessionRegistry, LeavesThoseAloneThatHaveLeft) {
    async::VirtualTime time(1);
    SessionRegistry registry;
    auto before = registry.add(AccountId(1), time.executor(), [] { FAIL(); });
    auto meanwhile = registry.add(AccountId(1), time.executor(), [] { FAIL(); });
    before.reset();
    registry.end_all(AccountId(1));
    meanwhile.reset();
    time.run();
}

} // namespace
} // namespace tegami::directory
