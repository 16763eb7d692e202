// How many connections go to one domain at once, and when it is left alone.
#include "async/task_group.h"
#include "async/virtual_time.h"
#include "relay/destination.h"

#include <gtest/gtest.h>

namespace tegami::relay {
namespace {

using std::chrono::seconds;

async::Awaitable<> enter_and_count(Destination* place, int* entered) {
    co_await place->enter();
    ++*entered;
}

class DestinationTest : public ::testing::Test {
protected:
    ~DestinationTest() override {
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    /// That many more want in; `entered_` says how many are.
    void knock(int count) {
        for (int i = 0; i < count; ++i)
            tasks_.spawn("visitor", enter_and_count(&place_, &entered_));
        settle();
    }

    void settle() { time_.run_for(seconds(1)); }

    async::VirtualTime time_{1};
    Destination place_{time_.executor()};
    int entered_ = 0;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

TEST_F(DestinationTest, BeginsWithFewAndGrowsWhileAllGoesWell) {
    knock(60);
    EXPECT_EQ(entered_, static_cast<int>(kConnectionsAtFirst));
    place_.leave(true);
    settle();
    EXPECT_EQ(entered_, 4) << "the place given back and one more";
    for (int i = 0; i < 25; ++i)
        place_.leave(true);
    settle();
    EXPECT_EQ(entered_, 26 + static_cast<int>(kConnectionsMax)) << "never more at once than the limit";
}

TEST_F(DestinationTest, FailuresHalveThePlacesDownToOne) {
    knock(4);
    EXPECT_EQ(entered_, 2);
    place_.leave(false);
    settle();
    EXPECT_EQ(entered_, 2) << "one place now, and it is taken";
    place_.leave(false);
    settle();
    EXPECT_EQ(entered_, 3);
    place_.leave(false);
    settle();
    EXPECT_EQ(entered_, 4);
    place_.leave(false);
    EXPECT_TRUE(place_.unused());
}

TEST_F(DestinationTest, IdleConnectionsAreTakenYoungestFirstAndCollectedOldestFirst) {
    for (int at = 1; at <= 3; ++at)
        place_.put_idle(
            {.connection = nullptr, .messages = static_cast<std::size_t>(at), .since = Instant(seconds(at))});
    EXPECT_FALSE(place_.unused());
    EXPECT_EQ(place_.take_idle()->messages, 3U);
    const auto old = place_.take_idle_since(Instant(seconds(1)));
    ASSERT_EQ(old.size(), 1U);
    EXPECT_EQ(old.front().messages, 1U);
    EXPECT_EQ(place_.take_idle()->messages, 2U);
    EXPECT_FALSE(place_.take_idle().has_value());
    EXPECT_TRUE(place_.unused());
}

TEST_F(DestinationTest, DownUntilTheTimeIsOverOrForgotten) {
    EXPECT_EQ(place_.down(Instant(seconds(0))), nullptr);
    place_.mark_down(Instant(seconds(10)), {.text = "nobody answers"});
    ASSERT_NE(place_.down(Instant(seconds(9))), nullptr);
    EXPECT_EQ(place_.down(Instant(seconds(9)))->text, "nobody answers");
    EXPECT_EQ(place_.down(Instant(seconds(10))), nullptr);
    place_.mark_down(Instant(seconds(20)), {});
    place_.forget_down();
    EXPECT_EQ(place_.down(Instant(seconds(11))), nullptr);
}

} // namespace
} // namespace tegami::relay
