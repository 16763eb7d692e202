// How much mail there was in an hour: added up over flushes, bounded, of our domains only.
#include "store/traffic.h"

#include "store/journey.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using testing::must;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using testing::wait;

class TrafficTest : public ::testing::Test {
protected:
    void record(std::string kind, std::vector<JourneyField> fields) {
        journeys_.record({.journey = "1", .kind = std::move(kind), .fields = std::move(fields)});
    }

    std::vector<std::pair<TrafficHour, TrafficCounts>> today() {
        must(wait(traffic_.flush()));
        return must(wait(traffic_.hours(std::chrono::floor<std::chrono::days>(world_.clock.time))));
    }

    testing::World world_;
    SeededRandom random_{1};
    Traffic traffic_{&world_.engine, &world_.clock, [](std::string_view domain) { return domain == "a.test"; }};
    Journeys journeys_{&world_.engine, &world_.clock, &random_, nullptr, &traffic_};
};

TEST_F(TrafficTest, AnHourAddsUpOverFlushes) {
    record("received", {{"to", "anna@A.test"}, {"to", "bo@a.test"}, {"to", "cy@else.test"}});
    record("stored", {{"account", "anna@a.test"}, {"mailbox", "Junk"}, {std::string(kJunkField), "yes"}});
    EXPECT_EQ(today().size(), 1U);
    record("received", {{"to", "anna@a.test"}});
    record("rejected", {{"to", "x@else.test"}, {"reply", "550 5.7.1 no"}});
    record("retrieved", {{"account", "anna@a.test"}});
    const auto hours = today();
    ASSERT_EQ(hours.size(), 1U);
    EXPECT_EQ(hours.front().first, std::chrono::floor<std::chrono::hours>(world_.clock.time));
    EXPECT_THAT(hours.front().second,
                UnorderedElementsAre(Pair("received", 2), Pair("received @a.test", 2), Pair("stored", 1),
                                     Pair("stored @a.test", 1), Pair("junk", 1), Pair("junk @a.test", 1),
                                     Pair("rejected", 1), Pair("rejected 5.7.1", 1)));
    world_.clock.time += std::chrono::hours(1);
    record("received", {});
    EXPECT_EQ(today().size(), 2U);
}

TEST_F(TrafficTest, WhatCouldNotBeWrittenWaits) {
    record("received", {});
    world_.engine.fail(MemoryEngine::Call::commit, 1, ErrorCode::no_space);
    EXPECT_FALSE(wait(traffic_.flush()));
    EXPECT_THAT(today().front().second, UnorderedElementsAre(Pair("received", 1)));
}

} // namespace
} // namespace tegami::store
