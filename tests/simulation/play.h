// Plays one plan: builds the machines, lets people and faults loose, heals everything, waits until nothing moves, looks
// everywhere and judges.
#pragma once

#include "simulation/oracle.h"
#include "simulation/scenario.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tegami::simulation {

struct Outcome {
    std::vector<std::string> problems; ///< empty: all is well
    std::vector<std::string> story;    ///< if it was asked for
    Oracle::Figures figures;
    std::array<std::uint32_t, static_cast<std::size_t>(EventKind::kinds)> events{}; ///< that happened, by kind
    std::uint64_t crashes = 0;
    std::uint64_t disk_calls = 0;
    std::uint64_t virtual_minutes = 0;
    std::uint64_t fingerprint = 0; ///< equal for equal runs
};

Outcome play(const Scenario& scenario, std::uint64_t seed, const std::vector<Event>& plan, bool keep_story);

} // namespace tegami::simulation
