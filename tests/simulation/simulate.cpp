// The program that plays seeds: scripts/simulate calls it, one process for each core.
//
//   simulate --scenario FILE… --seeds 1..1000 [--shard 0/2]     plays them; a failing seed is shrunk and told
//   simulate --scenario FILE --seeds 17 --only 3,8x1 --story    plays a part of one seed again, word for word
//
// Exit status 0: every promise was kept; 1: not; 2: the arguments make no sense.
#include "simulation/shrink.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace tegami::simulation {
namespace {

constexpr std::uint32_t kShrinkRunsMax = 300;

struct Arguments {
    std::vector<std::string> scenarios;
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::uint64_t shard = 0;
    std::uint64_t shards = 1;
    std::optional<std::string> only;
    bool story = false;
    double seconds_max = 1e9; ///< stop before the next seed after so long
};

struct Totals {
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    Outcome sum;
};

std::optional<Arguments> parse_arguments(int count, char** values) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string name = values[i];
        if (name == "--story") {
            arguments.story = true;
            continue;
        }
        if (i + 1 == count) return std::nullopt;
        const std::string value = values[++i];
        const auto two_numbers = [&value](std::string_view between, std::uint64_t& one, std::uint64_t& other) {
            const std::size_t at = value.find(between);
            one = std::stoull(value);
            other = at == std::string::npos ? one : std::stoull(value.substr(at + between.size()));
        };
        if (name == "--scenario")
            arguments.scenarios.push_back(value);
        else if (name == "--seeds")
            two_numbers("..", arguments.first, arguments.last);
        else if (name == "--shard")
            two_numbers("/", arguments.shard, arguments.shards);
        else if (name == "--only")
            arguments.only = value;
        else if (name == "--seconds")
            arguments.seconds_max = std::stod(value);
        else
            return std::nullopt;
    }
    if (arguments.scenarios.empty()) return std::nullopt;
    return arguments;
}

std::optional<Scenario> load(const std::string& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t slash = path.rfind('/') + 1;
    auto scenario = parse_scenario(path.substr(slash, path.rfind('.') - slash), text);
    if (!file || !scenario) {
        fmt::print(stderr, "{}: {}\n", path, scenario ? "cannot be read" : scenario.error());
        return std::nullopt;
    }
    return *std::move(scenario);
}

void add(Outcome& sum, const Outcome& one) {
    sum.figures.letters += one.figures.letters;
    sum.figures.acknowledged += one.figures.acknowledged;
    sum.figures.refused += one.figures.refused;
    sum.figures.unknown += one.figures.unknown;
    sum.figures.copies += one.figures.copies;
    sum.figures.bounces += one.figures.bounces;
    sum.figures.passages += one.figures.passages;
    for (std::size_t kind = 0; kind < sum.events.size(); ++kind)
        sum.events[kind] += one.events[kind];
    sum.crashes += one.crashes;
    sum.disk_calls += one.disk_calls;
    sum.virtual_minutes += one.virtual_minutes;
    sum.fingerprint = sum.fingerprint * 31 + one.fingerprint;
}

void tell(const Scenario& scenario, std::uint64_t seed, const std::vector<Event>& whole,
          const std::vector<Event>& plan) {
    const Outcome outcome = play(scenario, seed, plan, true);
    fmt::print("The plan:\n");
    for (const Event& event : plan)
        fmt::print("  {:%T} event {}: {} ×{}, for {:%T}\n", std::chrono::floor<std::chrono::seconds>(event.at),
                   event.id, name_of(event.kind), event.count, std::chrono::floor<std::chrono::seconds>(event.lasts));
    fmt::print("The story:\n");
    for (const std::string& line : outcome.story)
        fmt::print("  {}\n", line);
    for (const std::string& problem : outcome.problems)
        fmt::print("FAILED {}\n", problem);
    fmt::print("Again: scripts/simulate --scenario {} --seeds {} --only {} --story\n", scenario.name, seed,
               describe_selection(whole, plan));
}

void report_failure(const Scenario& scenario, std::uint64_t seed, const std::vector<Event>& plan,
                    const Outcome& outcome) {
    fmt::print("\nSeed {} of scenario {} fails:\n", seed, scenario.name);
    for (const std::string& problem : outcome.problems)
        fmt::print("  {}\n", problem);
    std::fflush(stdout); // shrinking takes a while
    const Shrunk shrunk = shrink(scenario, seed, plan, kShrinkRunsMax);
    fmt::print("Shrunk from {} events to {} in {} runs.\n", plan.size(), shrunk.plan.size(), shrunk.runs);
    tell(scenario, seed, plan, shrunk.plan);
    std::fflush(stdout);
}

/// One line that scripts/simulate adds up.
void print_totals(const Totals& totals, double seconds) {
    const Outcome& sum = totals.sum;
    fmt::print("TOTAL seeds={} failed={} letters={} acknowledged={} refused={} unanswered={} copies={} bounces={} "
               "relayed={} crashes={} disk_calls={} virtual_minutes={}",
               totals.seeds, totals.failed, sum.figures.letters, sum.figures.acknowledged, sum.figures.refused,
               sum.figures.unknown, sum.figures.copies, sum.figures.bounces, sum.figures.passages, sum.crashes,
               sum.disk_calls, sum.virtual_minutes);
    for (std::size_t kind = 0; kind < sum.events.size(); ++kind)
        fmt::print(" {}={}", name_of(static_cast<EventKind>(kind)), sum.events[kind]);
    fmt::print(" seconds={:.1f} cpu_seconds={:.1f} fingerprint={:016x}\n", seconds,
               static_cast<double>(std::clock()) / CLOCKS_PER_SEC, sum.fingerprint);
}

int run(const Arguments& arguments) {
    std::vector<Scenario> scenarios;
    for (const std::string& path : arguments.scenarios) {
        auto scenario = load(path);
        if (!scenario) return 2;
        scenarios.push_back(*std::move(scenario));
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [begin] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    Totals totals;
    for (std::uint64_t seed = arguments.first; seed <= arguments.last && totals.failed == 0; ++seed) {
        if (seed % arguments.shards != arguments.shard) continue;
        if (seconds() > arguments.seconds_max) break;
        for (std::size_t at = 0; at < scenarios.size(); ++at) {
            // Each seed begins with another scenario: where the time ends in the middle of one, no scenario is always left out.
            const Scenario& scenario = scenarios[(at + seed / arguments.shards) % scenarios.size()];
            if (seconds() > arguments.seconds_max) break;
            const std::vector<Event> whole = make_plan(scenario, seed);
            auto plan = arguments.only ? select_events(whole, *arguments.only) : whole;
            if (!plan) {
                fmt::print(stderr, "{}\n", plan.error());
                return 2;
            }
            if (arguments.story) {
                tell(scenario, seed, whole, *plan);
                continue;
            }
            const Outcome outcome = play(scenario, seed, *plan, false);
            add(totals.sum, outcome);
            if (outcome.problems.empty()) continue;
            ++totals.failed;
            report_failure(scenario, seed, whole, outcome);
        }
        ++totals.seeds;
    }
    print_totals(totals, seconds());
    return totals.failed == 0 ? 0 : 1;
}

} // namespace
} // namespace tegami::simulation

int main(int count, char** values) {
    const auto arguments = tegami::simulation::parse_arguments(count, values);
    if (!arguments) {
        fmt::print(stderr, "usage: simulate --scenario FILE… --seeds FIRST..LAST [--shard I/N] [--only LIST] "
                           "[--story] [--seconds MAX]\n");
        return 2;
    }
    return tegami::simulation::run(*arguments);
}
