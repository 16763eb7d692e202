// Journeys: written in batches, found by id, Message-ID and address, forgotten by days.
#include "store/journey.h"

#include "async/virtual_time.h"
#include "store/store_test_support.h"

#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::must;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::wait;
using testing::World;

class JourneyTest : public ::testing::TestWithParam<bool> {
protected:
    JourneyTest() : world(GetParam()), journeys(&world.engine, &world.clock, &world.random) {}

    void record(const std::string& journey, const std::string& kind, std::string message_id = "",
                std::vector<std::string> addresses = {}) {
        journeys.record({.journey = journey,
                         .kind = kind,
                         .fields = {{"from", "192.0.2.1"}},
                         .message_id = std::move(message_id),
                         .addresses = std::move(addresses)});
    }

    std::vector<std::string> kinds(const std::string& journey) {
        std::vector<std::string> kinds;
        for (const JourneyEvent& event : must(wait(journeys.events(journey))))
            kinds.push_back(event.kind);
        return kinds;
    }

    World world;
    Journeys journeys;
};

INSTANTIATE_TEST_SUITE_P(Limits, JourneyTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(JourneyTest, events_are_found_in_order_over_days) {
    const std::string first = journeys.new_journey();
    record(first, "received", "id@a.test", {"Bob@B.test", "carol@b.test"});
    record(first, "queued");
    must(wait(journeys.flush()));
    world.clock.time += std::chrono::hours(30);
    const std::string second = journeys.new_journey();
    EXPECT_LT(first, second);
    record(first, "relayed");
    record(second, "received", "other@a.test", {"bob@b.test"});
    must(wait(journeys.flush()));
    EXPECT_THAT(kinds(first), ElementsAre("received", "queued", "relayed"));
    EXPECT_THAT(must(wait(journeys.find_message_id(" <id@a.test> "))), ElementsAre(first));
    EXPECT_THAT(must(wait(journeys.find_address("bob@b.test"))), ElementsAre(second, first));
    EXPECT_THAT(must(wait(journeys.find_address("nobody@b.test"))), IsEmpty());
    EXPECT_THAT(kinds("unknown"), IsEmpty());
}

TEST_P(JourneyTest, old_days_are_forgotten) {
    const std::string old = journeys.new_journey();
    record(old, "received", "id@a.test");
    must(wait(journeys.flush()));
    world.clock.time += std::chrono::days(8);
    const std::string young = journeys.new_journey();
    record(young, "received", "id@a.test");
    must(wait(journeys.flush()));
    must(wait(journeys.sweep(std::chrono::days(7))));
    EXPECT_THAT(must(wait(journeys.find_message_id("id@a.test"))), ElementsAre(young));
    EXPECT_THAT(kinds(old), IsEmpty());
}

TEST_P(JourneyTest, lost_events_are_counted) {
    world.engine.fail(MemoryEngine::Call::commit, 1, ErrorCode::no_space);
    record("a", "received");
    EXPECT_FALSE(wait(journeys.flush()).has_value());
    must(wait(journeys.flush()));
    const auto events = must(wait(journeys.events("lost")));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].fields[0].value, "1");
}

TEST_P(JourneyTest, what_waits_is_bounded_in_octets) {
    constexpr std::uint64_t kEvents = 12'000;
    constexpr std::size_t kTextBytes = 900; // fits the tiny engine
    for (std::uint64_t at = 0; at < kEvents; ++at)
        record("a", "received", std::string(kTextBytes, 'm'));
    must(wait(journeys.flush()));
    const auto lost = must(wait(journeys.events("lost")));
    ASSERT_EQ(lost.size(), 1u);
    const std::uint64_t kept = kEvents - std::stoull(lost[0].fields[0].value);
    EXPECT_GT(kept * kTextBytes, kJourneyWaitingBytesMax / 2);
    EXPECT_LT(kept * kTextBytes, kJourneyWaitingBytesMax);
}

TEST_P(JourneyTest, refusals_of_strangers_are_few_and_counted) {
    const auto refuse = [&](const std::string& network) {
        journeys.record_refusal({.journey = "r" + network, .kind = "rejected"}, network);
    };
    for (int at = 0; at < 10'000; ++at)
        refuse("flood");
    refuse("other");
    must(wait(journeys.flush()));
    EXPECT_EQ(kinds("rflood").size(), kRefusalsAnHourOfOne);
    EXPECT_THAT(kinds("rother"), ElementsAre("rejected"));
    world.clock.time += std::chrono::hours(1);
    refuse("flood");
    must(wait(journeys.flush()));
    EXPECT_EQ(kinds("rflood").size(), kRefusalsAnHourOfOne + 1);
    const auto told = must(wait(journeys.events("lost")));
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].kind, "refusals-left-out");
    EXPECT_EQ(told[0].fields[0].value, std::to_string(10'000 - kRefusalsAnHourOfOne));
}

TEST_P(JourneyTest, refusals_from_many_networks_are_bounded_too) {
    for (std::size_t at = 0; at < 3 * kRefusalsAnHour; ++at)
        journeys.record_refusal({.journey = "r", .kind = "rejected"}, std::to_string(at));
    must(wait(journeys.flush()));
    EXPECT_EQ(kinds("r").size(), kRefusalsAnHour);
}

TEST_P(JourneyTest, what_happens_is_counted_whether_it_is_written_or_not) {
    const auto reject = [this](std::string reply) {
        journeys.record_refusal(
            {.journey = journeys.new_journey(), .kind = "rejected", .fields = {{"reply", std::move(reply)}}},
            "192.0.2.0/24");
    };
    for (int times = 0; times < 30; ++times)
        reject("550 5.1.1 there is no such user");
    for (const char* const reply : {"554 no status", "550", "", "550 5.1", "550 5.1.1x no"})
        reject(reply);
    record("j", "received");
    record("j", "unheard-of");
    EXPECT_EQ(journeys.counts().events.value("rejected"), 35U);
    EXPECT_EQ(journeys.counts().events.value("received"), 1U);
    EXPECT_EQ(journeys.counts().events.value("other"), 1U);
    EXPECT_THAT(journeys.rejected(), ElementsAre(Pair("5.1.1", 30U), Pair("other", 5U)));
    for (std::size_t number = 0; number < 2 * kRejectedStatusesMax; ++number)
        reject("550 5.1." + std::to_string(number));
    EXPECT_THAT(journeys.rejected(), SizeIs(kRejectedStatusesMax));
}

TEST_P(JourneyTest, texts_are_cut_at_their_limits) {
    record(std::string(100, 'j') + '\0', std::string(100, 'k'));
    must(wait(journeys.flush()));
    EXPECT_THAT(kinds(std::string(kJourneyIdBytesMax, 'j')), ElementsAre(std::string(kJourneyNameBytesMax, 'k')));
}

TEST_P(JourneyTest, a_task_writes_what_comes_until_it_is_stopped) {
    async::VirtualTime time(1);
    bool ended = false;
    boost::asio::co_spawn(time.executor(), journeys.run(&time), [&](std::exception_ptr) { ended = true; });
    record("a", "received");
    time.run_for(kJourneyGatherTime / 2);
    EXPECT_THAT(kinds("a"), IsEmpty()) << "it waits for others";
    time.run_for(kJourneyGatherTime);
    EXPECT_THAT(kinds("a"), ElementsAre("received"));
    for (std::size_t i = 0; i < kJourneyWaitingMax / 8; ++i)
        record("many", "event");
    time.run_for(Duration(1));
    EXPECT_THAT(kinds("many"), SizeIs(kJourneyEventsMax)) << "so many do not wait";
    record("a", "filed");
    journeys.stop();
    time.run_for(Duration(1));
    EXPECT_TRUE(ended);
    EXPECT_THAT(kinds("a"), ElementsAre("received", "filed"));
}

} // namespace
} // namespace tegami::store
