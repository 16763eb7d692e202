// How much mail there was in each hour, for the overview: counted from the events of journeys, one small row an hour
// among the counts of its day (docs/formats/tally.md), with which it goes (Tally::sweep).
//
// 1. note() never waits and never fails: what was counted waits in memory for run(), which adds it to the row of its
//    hour about once a minute. A crash loses the last minute: nobody's mail depends on it.
// 2. A row has a bound: domains are counted as long as there is room, and only ours.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "async/timer.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/engine/engine.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::store {

struct JourneyEvent;

/// By what was counted: "received", "rejected 5.7.1", "received @a.test".
using TrafficCounts = std::map<std::string, std::uint64_t, std::less<>>;

using TrafficHour = std::chrono::sys_time<std::chrono::hours>;

/// Limit: counts of one hour.
inline constexpr std::size_t kTrafficCountsMax = 500;
/// How long counts wait to be written.
inline constexpr auto kTrafficGatherTime = std::chrono::minutes(1);

class Traffic {
public:
    /// Whether a domain, in A-labels, is ours.
    using IsOurs = std::function<bool(std::string_view domain)>;

    /// All of them outlive it. `is_ours` is called from any thread.
    Traffic(Engine* engine, const Clock* clock, IsOurs is_ours)
        : engine_(engine), clock_(clock), is_ours_(std::move(is_ours)) {}

    /// Counts what is counted of an event; `status` is that of a rejection. From any thread.
    void note(const JourneyEvent& event, std::string_view status);

    /// Writes counts until it is cancelled. For one task; both outlive it.
    async::Awaitable<> run(async::Timers* timers, Log* log);
    /// Writes what waits now. After an error it waits again, unless it may have been written.
    async::Awaitable<StoreResult<>> flush();

    /// The hours of a day of which anything is known, in order.
    async::Awaitable<StoreResult<std::vector<std::pair<TrafficHour, TrafficCounts>>>> hours(std::chrono::sys_days day);

private:
    void add(TrafficHour hour, std::string_view what, std::string_view domain);
    async::Awaitable<StoreResult<>> write(TrafficHour hour, TrafficCounts counts);

    Engine* engine_;
    const Clock* clock_;
    const IsOurs is_ours_;
    async::Mutex writing_; // rows are read and then written
    std::mutex guard_;     // of waiting_
    std::map<TrafficHour, TrafficCounts> waiting_;
};

} // namespace tegami::store
