// Counts of a day (UTC) for the reports that mail servers send each other, and the reports that came and went.
// docs/formats/tally.md.
//
// 1. count() never waits and never fails: counts wait in bounded memory for run(), which adds them to those in the
//    store about once a minute. A crash loses the last minute: reports are sums that nobody's mail depends on.
// 2. What does not fit, into memory or among the rows of a day, is counted as left out. Strangers choose domains and what
//    is in a row, so a day has a bound of both.
// 3. What a row is, its kind knows; here it is octets. Equal octets are one row.
// 4. One engine domain per day, so that forgetting a day is one range.
#pragma once

#include "async/awaitable.h"
#include "async/event.h"
#include "async/mutex.h"
#include "async/timer.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/engine/engine.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::store {

/// What is reported on.
enum class TallyKind : std::uint8_t {
    dmarc = 1, ///< RFC 9990
    tls = 2,   ///< RFC 8460
};

/// What is counted together: all that one domain's policy applied to on one day.
struct TallyPlace {
    TallyKind kind = TallyKind::dmarc;
    std::chrono::sys_days day{};
    std::string domain; ///< the policy domain, in A-labels

    auto operator<=>(const TallyPlace&) const = default;
};

struct TallyRow {
    std::string octets;
    std::uint64_t count = 0;

    bool operator==(const TallyRow&) const = default;
};

struct TallyPage {
    std::vector<TallyRow> rows;
    std::string next; ///< where the next page begins; empty after the last one
};

struct TallySum {
    TallyPlace place;
    std::uint64_t rows = 0;
    std::uint64_t left_out = 0; ///< counted, but in no row

    bool operator==(const TallySum&) const = default;
};

/// What all places of a kind have taken on one day, those included that have been forgotten.
struct TallyDay {
    std::uint64_t places = 0;
    std::uint64_t bytes = 0; ///< of new rows

    bool operator==(const TallyDay&) const = default;
};

/// Limit: places of one kind and day, and octets of their rows, keys included. Further domains are not counted then, and
/// no further rows of those that are.
struct TallyDayLimits {
    std::uint64_t places_max = 20'000;
    std::uint64_t bytes_max = std::uint64_t{256} << 20;
};

/// Limit: rows of one place, octets of a row.
inline constexpr std::uint64_t kTallyRowsMax = 10'000;
inline constexpr std::size_t kTallyRowBytesMax = 8 << 10;
/// Limit: octets of counts that wait to be written.
inline constexpr std::size_t kTallyWaitingBytesMax = 16U << 20;
/// How long counts wait for others; not so long if a quarter of what may wait is there.
inline constexpr auto kTallyGatherTime = std::chrono::minutes(1);
/// Limit: places that sums() returns at once.
inline constexpr std::size_t kTallySumsMax = 500;

class Tally {
public:
    /// All of them outlive it.
    Tally(Engine* engine, Clock* clock, Log* log, TallyDayLimits limits = {})
        : engine_(engine), clock_(clock), log_(log), limits_(limits) {}

    /// Counts `count` for this row of today; `domain` is in A-labels. From any thread; returns at once.
    void count(TallyKind kind, std::string_view domain, std::string_view row, std::uint64_t count = 1);

    /// Writes counts until it is cancelled; what waits then, flush() writes. For one task; `timers` outlive it.
    async::Awaitable<> run(async::Timers* timers);
    /// Writes what waits now. After an error, or when it is cancelled, what was not written waits again; what may have
    /// been does not.
    async::Awaitable<StoreResult<>> flush();

    /// Days from `first` on of which anything is or was kept, in order.
    async::Awaitable<StoreResult<std::vector<std::chrono::sys_days>>> days(std::chrono::sys_days first);
    /// The places of a day with domains above `after`, in order; at most kTallySumsMax.
    async::Awaitable<StoreResult<std::vector<TallySum>>> sums(TallyKind kind, std::chrono::sys_days day,
                                                              std::string after);
    /// Rows of a place; `from` is empty or TallyPage::next.
    async::Awaitable<StoreResult<TallyPage>> rows(TallyPlace place, std::string from);
    /// Forgets the counts of a place.
    async::Awaitable<StoreResult<>> forget(TallyPlace place);
    /// Forgets days that ended before now - `keep`, reports (kept_reports.h) included.
    async::Awaitable<StoreResult<>> sweep(std::chrono::days keep);

private:
    struct Counts {
        std::map<std::string, std::uint64_t, std::less<>> rows;
        std::uint64_t left_out = 0;
    };

    class Taken;

    bool add(const TallyPlace& place, std::string_view row, std::uint64_t count);
    void give_back(const TallyPlace& place, const Counts& counts);
    async::Awaitable<StoreResult<>> write(TallyPlace place, Counts* counts);
    async::Awaitable<StoreResult<>> write_some(TallyPlace place, Counts* counts);
    void tell_full(const TallyPlace& place);

    Engine* engine_;
    Clock* clock_;
    Log* log_;
    const TallyDayLimits limits_;
    std::map<TallyKind, std::chrono::sys_days> told_; ///< under writing_: the day of the last line about a full one
    async::Mutex writing_;                            // counts in the store are read and then written
    std::mutex guard_;                                // of what follows
    std::map<TallyPlace, Counts> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t left_out_ = 0; ///< of places for which there was no room
    /// Of the task in run(): something waits, and it should not wait longer.
    std::unique_ptr<async::Event> arrived_;
    std::unique_ptr<async::Event> hurry_;
};

} // namespace tegami::store
