// Makes a failing plan as small as it gets: leaves out events, then letters and steps, as long as it still fails.
#pragma once

#include "simulation/play.h"

namespace tegami::simulation {

struct Shrunk {
    std::vector<Event> plan;
    std::uint32_t runs = 0; ///< that it took
};

/// `plan` fails. Stops after `runs_max` runs at the latest.
Shrunk shrink(const Scenario& scenario, std::uint64_t seed, std::vector<Event> plan, std::uint32_t runs_max);

/// "4,7x2,12": the events that are played, by number, and how many letters or steps if not all.
std::string describe_selection(const std::vector<Event>& whole, const std::vector<Event>& plan);
/// The part of the plan that describe_selection() named; the error is for people.
Result<std::vector<Event>, std::string> select_events(const std::vector<Event>& whole, std::string_view selection);

} // namespace tegami::simulation
