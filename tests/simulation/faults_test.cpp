// Connections that break at random points, for many seeds: what was promised is kept, and nothing is doubled unless the
// break fell between the end of a message and its answer (RFC 5321 §4.2.5).
#include "simulation/two_servers.h"

namespace tegami::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint64_t kSeeds = 200;

struct Totals {
    SubmissionResult sent;
    std::size_t copies = 0;
    std::size_t reports = 0;
    std::size_t bodies_sent = 0; ///< attempts in which A sent the whole message
    std::size_t left_in_queue = 0;
    std::vector<std::string> log;
};

/// How often A got as far as the end of the message.
std::size_t count_bodies(const std::vector<store::JourneyEvent>& events) {
    std::size_t bodies = 0;
    for (const store::JourneyEvent& event : events)
        bodies +=
            static_cast<std::size_t>(std::ranges::count(event.fields, "C: (the message)", &store::JourneyField::value));
    return bodies;
}

void note_events(std::vector<std::string>& log, const std::vector<store::JourneyEvent>& events) {
    for (const store::JourneyEvent& event : events) {
        std::string line =
            std::to_string(event.time.time_since_epoch().count()) + " " + event.journey + " " + event.kind;
        for (const store::JourneyField& field : event.fields)
            line += " " + field.name + "=" + field.value;
        log.push_back(std::move(line));
    }
}

/// Even seeds: the way between the servers is cut some time after the submission began, for up to half an hour.
/// Odd seeds: for ten minutes one segment in ten breaks its connection, also the mail program's.
Totals play(std::uint64_t seed) {
    TwoServers two(seed);
    SeededRandom chance(seed);
    Totals outcome;
    if (seed % 2 == 1) {
        two.world.network.set_faults({.segment_reset = 100'000});
        outcome.sent = two.alice_writes({"bob@b.test"}, "fate");
        two.world.time.run_for(minutes(10));
        two.world.network.set_faults({});
    } else {
        outcome.sent = two.alice_writes({"bob@b.test"}, "fate");
        two.world.time.run_for(milliseconds(chance.below(400)));
        two.world.network.cut(two.a.address(), two.b.address());
        two.world.time.run_for(minutes(1 + chance.below(30)));
        two.world.network.heal(two.a.address(), two.b.address());
    }
    two.world.time.run_for(hours(3));
    const auto messages = two.bob_fetches();
    outcome.copies = messages.size();
    outcome.reports = two.alice_fetches().size();
    const auto at_a = two.a.journey_events("bob@b.test");
    outcome.bodies_sent = count_bodies(at_a);
    outcome.left_in_queue = two.queued_at_a();
    outcome.log = two.world.story;
    note_events(outcome.log, at_a);
    note_events(outcome.log, two.b.journey_events("bob@b.test"));
    outcome.log.insert(outcome.log.end(), messages.begin(), messages.end());
    return outcome;
}

TEST(BrokenConnections, EveryPromiseIsKept) {
    std::size_t accepted = 0;
    std::size_t repeated = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Totals outcome = play(seed);
        EXPECT_EQ(outcome.left_in_queue, 0U);
        EXPECT_EQ(outcome.reports, 0U) << "three hours are not enough to give up";
        switch (outcome.sent.promise) {
        case Promise::accepted:
            ++accepted;
            EXPECT_GE(outcome.copies, 1U);
            break;
        case Promise::unknown: break;
        case Promise::refused: EXPECT_EQ(outcome.copies, 0U); break;
        }
        if (outcome.bodies_sent > 1) ++repeated;
        EXPECT_LE(outcome.copies, outcome.bodies_sent);
        if (::testing::Test::HasFailure()) break;
    }
    // The faults do what they are for.
    EXPECT_GT(accepted, kSeeds / 2);
    EXPECT_GT(repeated, 0U);
    EXPECT_LT(repeated, kSeeds / 4);
}

TEST(BrokenConnections, TheSameSeedGivesTheSameRun) {
    for (const std::uint64_t seed : {10ULL, 11ULL, 13ULL}) {
        const Totals once = play(seed);
        EXPECT_FALSE(once.log.empty());
        EXPECT_EQ(once.log, play(seed).log) << "seed " << seed;
    }
    EXPECT_NE(play(10).log, play(12).log);
}

} // namespace
} // namespace tegami::simulation
