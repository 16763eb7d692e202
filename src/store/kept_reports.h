// The reports of other mail servers that came, and those that were sent to them, as their kind sums them up; kept for
// some months among the counts of the day that they are about (docs/formats/tally.md).
//
// Tally::sweep() forgets them.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "store/engine/engine.h"
#include "store/tally.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tegami::store {

enum class ReportWay : std::uint8_t { received, sent };

struct KeptReport {
    TallyPlace place; ///< the day that the report begins on, and the domain that it is about
    std::string id;   ///< two with the same one are the same report
    std::string value;

    bool operator==(const KeptReport&) const = default;
};

enum class Keeping : std::uint8_t {
    kept,
    known,    ///< it is there already
    too_many, ///< strangers have sent enough about this domain and day
};

struct KeptPage {
    std::vector<KeptReport> reports;
    std::string next; ///< where the next page begins; empty after the last one
};

/// Limit: received reports about one domain and day; octets of a value.
inline constexpr std::uint64_t kReceivedReportsMax = 500;
inline constexpr std::size_t kKeptReportBytesMax = 32 << 10;
/// Limit: reports of a page.
inline constexpr std::size_t kKeptPageMax = 100;
/// How long they are kept.
inline constexpr auto kReportRetention = std::chrono::days(90);

class KeptReports {
public:
    /// The engine outlives it. One object of an engine keeps; others may read.
    explicit KeptReports(Engine* engine) : engine_(engine) {}

    /// Durable on return. A report that was sent takes the place of one with the same id. Errors: invalid (octets over
    /// the limit), no_space, unavailable, unknown (it may be there).
    async::Awaitable<StoreResult<Keeping>> keep(ReportWay way, KeptReport report);
    /// Reports about the place, or about every domain if it names none, in the order of domains; `from` is empty or
    /// KeptPage::next.
    async::Awaitable<StoreResult<KeptPage>> page(ReportWay way, TallyPlace place, std::string from);

private:
    Engine* engine_;
    async::Mutex keeping_;
};

} // namespace tegami::store
