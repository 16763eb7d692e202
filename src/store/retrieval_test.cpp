// A mail program has fetched a message: recorded if its journey is still of interest.
#include "store/retrieval.h"
#include "store/store_test_support.h"

#include <gtest/gtest.h>

namespace tegami::store {
namespace {

using testing::must;
using testing::wait;

TEST(Retrieval, IsAnEventOfTheMessagesJourney) {
    testing::World world(false);
    Journeys journeys(&world.engine, &world.clock, &world.random);
    const std::string journey = journeys.new_journey();
    record_retrieval(journeys, {.journey = journey, .account = "a@a.test", .service = "IMAP", .client = "192.0.2.1"});
    record_retrieval(journeys, {.journey = {}, .account = "a@a.test", .service = "POP3", .client = "192.0.2.2"});
    must(wait(journeys.flush()));
    const auto events = must(wait(journeys.events(journey)));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().kind, "retrieved");
    EXPECT_EQ(events.front().fields,
              (std::vector<JourneyField>{{"account", "a@a.test"}, {"service", "IMAP"}, {"client", "192.0.2.1"}}));
    EXPECT_TRUE(must(wait(journeys.events(""))).empty());
}

TEST(Retrieval, OldMessagesAreNotTraced) {
    const Timestamp now(std::chrono::days(20'000));
    EXPECT_TRUE(is_traced(now, now));
    EXPECT_TRUE(is_traced(now - kRetrievalAgeMax, now));
    EXPECT_FALSE(is_traced(now - kRetrievalAgeMax - std::chrono::seconds(1), now));
    EXPECT_TRUE(is_traced(now + std::chrono::hours(1), now)) << "a clock that was set back";
}

} // namespace
} // namespace tegami::store
