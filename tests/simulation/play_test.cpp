// Scenarios are read, plans come from the seed alone, and a run can be played again, whole or in part.
#include "simulation/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::simulation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSmall = "about a small storm # with a remark\n\nservers 2\nusers 2\nlasts 1h\nlarge 20\n"
                               "submit 6 1..4\noutside 2\nimap 3 5..10 for 10m..30m\npop 1 1..3\n"
                               "weather 1 for 5m..10m\ncrash_at 3 1..40 for 1s..5m\ndisk_error 2 1..20\n";

TEST(Scenario, IsReadLineByLine) {
    const Scenario scenario = parse_scenario("small", kSmall).value();
    EXPECT_EQ(scenario.text, "a small storm ");
    EXPECT_EQ(scenario.servers, 2U);
    EXPECT_EQ(scenario.lasts, std::chrono::hours(1));
    const Portion& imap = scenario.portions[static_cast<std::size_t>(EventKind::imap)];
    EXPECT_EQ(imap.times, 3U);
    EXPECT_EQ(imap.count_max, 10U);
    EXPECT_EQ(imap.lasts_max, std::chrono::minutes(30));
}

TEST(Scenario, SaysWhatMakesNoSense) {
    for (const char* const wrong :
         {"sbumit 3", "submit x", "submit 3 5..1", "imap 3 5 for 3", "servers 9", "lasts two"})
        EXPECT_FALSE(parse_scenario("wrong", wrong).has_value()) << wrong;
    EXPECT_THAT(parse_scenario("wrong", "servers 2\nnonsense\n").error(), HasSubstr("line 2"));
}

TEST(Plan, ComesFromTheSeedAlone) {
    const Scenario scenario = parse_scenario("small", kSmall).value();
    const auto one = make_plan(scenario, 1);
    const auto same = make_plan(scenario, 1);
    ASSERT_EQ(one.size(), same.size());
    EXPECT_GE(one.size(), 12U);
    for (std::size_t i = 0; i < one.size(); ++i)
        EXPECT_EQ(one[i].seed, same[i].seed);
    EXPECT_NE(one[0].seed, make_plan(scenario, 2)[0].seed);
}

TEST(Plan, APartOfItHasAName) {
    const auto whole = make_plan(parse_scenario("small", kSmall).value(), 1);
    std::vector<Event> part{whole[2], whole[5]};
    part[1].count = 17;
    const std::string name = describe_selection(whole, part);
    EXPECT_EQ(name.substr(0, 2), "2,");
    const auto again = select_events(whole, name).value();
    ASSERT_THAT(again, SizeIs(2));
    EXPECT_EQ(again[1].id, 5U);
    EXPECT_EQ(again[1].count, 17U);
    EXPECT_FALSE(select_events(whole, "999").has_value());
    EXPECT_FALSE(select_events(whole, "x").has_value());
}

TEST(Play, TheSameSeedGivesTheSameRun) {
    const Scenario scenario = parse_scenario("small", kSmall).value();
    for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
        const auto plan = make_plan(scenario, seed);
        const Outcome once = play(scenario, seed, plan, true);
        const Outcome again = play(scenario, seed, plan, true);
        EXPECT_THAT(once.problems, IsEmpty());
        EXPECT_GT(once.figures.acknowledged, 0U);
        EXPECT_EQ(once.story, again.story) << "seed " << seed;
        EXPECT_EQ(once.fingerprint, again.fingerprint);
        EXPECT_EQ(once.fingerprint, play(scenario, seed, plan, false).fingerprint) << "telling changes nothing";
    }
}

} // namespace
} // namespace tegami::simulation
