// How many deliveries go to one destination at once, when it is left alone, and what is remembered of all of them.
#include "relay/destinations.h"

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

store::QueueDestination name_of(std::size_t number) {
    return *message::Domain::parse("d" + std::to_string(number) + ".test");
}

TEST(Destinations, OfTooManyThoseThatAreUnusedAreForgotten) {
    const std::vector<Smarthost> no_smarthosts;
    Destinations destinations(no_smarthosts);
    for (std::size_t number = 0; number < kDestinationsMax; ++number)
        destinations.at(name_of(number)).route = std::make_shared<KnownRoute>();
    EXPECT_FALSE(destinations.busy());
    static_cast<void>(destinations.take_idle_since(Instant::max()));
    EXPECT_NE(destinations.at(name_of(1)).route, nullptr) << "so many are kept";
    store::QueueItem item;
    item.destination = name_of(1);
    destinations.at(name_of(1)).under_way.insert(item.id);
    destinations.at(name_of(kDestinationsMax)).ready = true;
    EXPECT_TRUE(destinations.busy());
    EXPECT_TRUE(destinations.is_under_way(item));
    static_cast<void>(destinations.take_idle_since(Instant::max()));
    EXPECT_NE(destinations.at(name_of(1)).route, nullptr) << "an item is under way there";
    EXPECT_TRUE(destinations.at(name_of(kDestinationsMax)).ready);
    EXPECT_EQ(destinations.at(name_of(0)).route, nullptr);
}

TEST(Destinations, MailWaitsWhileTheSmarthostOfAllHasNoPlace) {
    const std::vector<Smarthost> smarthosts{{.host = "one.test", .domains = {*message::Domain::parse("a.test")}},
                                            {.host = "all.test"}};
    Destinations destinations(smarthosts);
    Destination& place = destinations.at(name_of(1));
    const Hop of_a = destinations.hop_of(message::parse_email_address("x@a.test").value(), place);
    const Hop of_nobody = destinations.hop_of(std::nullopt, place);
    EXPECT_EQ(of_a.smarthost->host, "one.test");
    EXPECT_EQ(of_nobody.smarthost->host, "all.test");
    EXPECT_NE(of_a.destination, of_nobody.destination);
    std::vector<std::unique_ptr<Destination::Place>> taken;
    for (const Hop& hop : {of_a, of_nobody}) {
        EXPECT_TRUE(destinations.has_way_out());
        while (hop.destination->free_places() > 0)
            taken.push_back(std::make_unique<Destination::Place>(*hop.destination));
    }
    EXPECT_FALSE(destinations.has_way_out());
    EXPECT_TRUE(destinations.busy());
    taken.pop_back();
    of_nobody.destination->mark_down(Instant::max(), {});
    EXPECT_NE(of_nobody.destination->down(Instant::min()), nullptr);
    destinations.forget_down();
    EXPECT_EQ(of_nobody.destination->down(Instant::min()), nullptr) << "a smarthost, too";
}

} // namespace
} // namespace tegami::relay
