// How many deliveries go to one destination at once, and when it is left alone.
#include "relay/destination.h"

#include <gtest/gtest.h>

namespace tegami::relay {
namespace {

using std::chrono::seconds;

class DestinationTest : public ::testing::Test {
protected:
    /// Takes places until there is none; how many.
    std::size_t fill() {
        std::size_t taken = 0;
        for (; destination_.free_places() > 0; ++taken)
            places_.push_back(std::make_unique<Destination::Place>(destination_));
        return taken;
    }

    void leave(bool went_well) {
        places_.back()->went_well = went_well;
        places_.pop_back();
    }

    Destination destination_;
    std::vector<std::unique_ptr<Destination::Place>> places_;
};

TEST_F(DestinationTest, BeginsWithFewAndGrowsWhileAllGoesWell) {
    EXPECT_EQ(fill(), kPlacesAtFirst);
    leave(true);
    EXPECT_EQ(fill(), 2U) << "the place given back and one more";
    for (int i = 0; i < 100; ++i) {
        leave(true);
        fill();
    }
    EXPECT_EQ(destination_.active(), kPlacesMax) << "never more at once than the limit";
}

TEST_F(DestinationTest, FailuresHalveThePlacesDownToOne) {
    EXPECT_EQ(fill(), 2U);
    leave(false);
    EXPECT_EQ(fill(), 0U) << "one place now, and it is taken";
    leave(false);
    EXPECT_EQ(fill(), 1U);
    leave(false);
    EXPECT_EQ(fill(), 1U);
    leave(false);
    EXPECT_TRUE(destination_.unused());
}

TEST_F(DestinationTest, IdleConnectionsAreTakenYoungestFirstAndCollectedOldestFirst) {
    for (int at = 1; at <= 3; ++at)
        destination_.put_idle(
            {.connection = nullptr, .messages = static_cast<std::size_t>(at), .since = Instant(seconds(at))});
    EXPECT_FALSE(destination_.unused());
    EXPECT_EQ(destination_.take_idle()->messages, 3U);
    const auto old = destination_.take_idle_since(Instant(seconds(1)));
    ASSERT_EQ(old.size(), 1U);
    EXPECT_EQ(old.front().messages, 1U);
    EXPECT_EQ(destination_.take_idle()->messages, 2U);
    EXPECT_FALSE(destination_.take_idle().has_value());
    EXPECT_TRUE(destination_.unused());
}

TEST_F(DestinationTest, DownUntilTheTimeIsOverOrForgotten) {
    EXPECT_EQ(destination_.down(Instant(seconds(0))), nullptr);
    destination_.mark_down(Instant(seconds(10)), {.result = {.text = "nobody answers"}, .server = {}});
    ASSERT_NE(destination_.down(Instant(seconds(9))), nullptr);
    EXPECT_EQ(destination_.down(Instant(seconds(9)))->result.text, "nobody answers");
    EXPECT_EQ(destination_.down(Instant(seconds(10))), nullptr);
    destination_.mark_down(Instant(seconds(20)), {});
    destination_.forget_down();
    EXPECT_EQ(destination_.down(Instant(seconds(11))), nullptr);
}

} // namespace
} // namespace tegami::relay
