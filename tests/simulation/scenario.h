// What is played: a scenario in words and numbers (scenarios/*.txt), and the plan that a seed makes of it.
//
// A plan is a list of events that know everything about themselves, so that a failure can be told with some of them
// left out: that is how a story is shrunk.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

enum class EventKind : std::uint8_t {
    // People and programs.
    submit,  ///< a mail program hands in letters on port 587
    outside, ///< a stranger's server hands in letters on port 25
    imap,    ///< a session that stays, works on a mailbox and keeps a picture of it
    pop,     ///< fetches, and deletes what it fetched
    // Faults.
    crash,       ///< a machine loses power at some moment
    crash_at,    ///< … in the middle of the count-th disk call from that moment
    restart,     ///< a machine's program ends in good order and begins again
    cut,         ///< nothing passes between two machines, or between a machine and everybody's mail programs
    cut_one_way, ///< … in one direction
    weather,     ///< connections refused, lost, reset in mid-reply, stuck, late
    disk_full,   ///< a disk has hardly any room left
    disk_error,  ///< the count-th read, write or sync from that moment fails with EIO
    rot,         ///< one bit of a stored message turns
    dns_fails,   ///< a domain's name cannot be looked up for a while
    dns_lies,    ///< a domain is said not to exist, or to be somebody else's
    clock_jump,  ///< a machine's wall clock is wrong for a while
    kinds,       // how many there are
};

std::string_view name_of(EventKind kind);

struct Event {
    std::uint32_t id = 0; ///< position in the whole plan
    EventKind kind = EventKind::submit;
    Duration at{};           ///< since the beginning
    Duration lasts{};        ///< of a fault, or of a session
    std::uint32_t count = 0; ///< letters, steps, or which call
    std::uint64_t seed = 0;  ///< of every other detail
};

/// How often something happens, and how.
struct Portion {
    std::uint32_t times = 0;
    Duration lasts_min{};
    Duration lasts_max{};
    std::uint32_t count_min = 1;
    std::uint32_t count_max = 1;
};

struct Scenario {
    std::string name;
    std::string text; ///< what it is about, in a line
    std::uint32_t servers = 2;
    std::uint32_t users = 2; ///< of each server
    Duration lasts = std::chrono::hours(1);
    std::uint32_t large_in_hundred = 5; ///< letters too large for the log: they lie in a segment
    Portion portions[static_cast<std::size_t>(EventKind::kinds)];
};

/// Reads a scenario; the error names the line and what is wrong with it.
Result<Scenario, std::string> parse_scenario(std::string_view name, std::string_view text);

/// The plan that this seed makes, in order of time.
std::vector<Event> make_plan(const Scenario& scenario, std::uint64_t seed);

} // namespace tegami::simulation
