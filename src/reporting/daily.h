// The reports of days that have ended (UTC): each at a moment of its own in the first hours of the next day, so that
// not all servers send at once.
//
// 1. A report that cannot be sent is tried again some hours later; three days after its day it is given up, and its
//    counts are forgotten, with a line in the log.
// 2. Some reports are made at the same time, so that slow name servers of one domain delay no other.
// 3. Counts are forgotten after the report is durable in the queue. A crash in between makes the same report again;
//    it has the same id, by which its receiver knows it.
// 4. When a report was tried is kept in memory only: after a restart it is tried at once.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "base/log.h"
#include "store/tally.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace tegami::reporting {

/// Over how much of the next day the reports of a day are spread.
inline constexpr auto kReportSpread = std::chrono::hours(4);
/// How often is looked for what is due.
inline constexpr auto kReportRound = std::chrono::minutes(10);
inline constexpr auto kReportRetry = std::chrono::hours(4);
/// After the end of its day a report is given up.
inline constexpr auto kReportPatience = std::chrono::days(3);
/// Limit: reports that are made at the same time.
inline constexpr std::size_t kReportsAtOnce = 8;

enum class ReportOutcome : std::uint8_t {
    done, ///< sent, or nobody wants it
    later,
};

/// Makes the reports of one kind.
class ReportWriter {
public:
    virtual ~ReportWriter() = default;
    virtual store::TallyKind kind() const = 0;
    /// Sends what was counted of a place, whose day has ended. Called again with the same place it makes the same
    /// report.
    virtual async::Awaitable<ReportOutcome> report(store::TallySum sum) = 0;
};

class Daily {
public:
    /// All outlive it, the writers too.
    struct Dependencies {
        store::Tally& tally;
        async::Timers& timers;
        Log& log;
    };

    /// `host_name`: ours; it decides with the domain when a report is due.
    Daily(Dependencies dependencies, std::string host_name, std::vector<ReportWriter*> writers)
        : dependencies_(dependencies), host_name_(std::move(host_name)), writers_(std::move(writers)) {}

    /// Sends what is due, now and every kReportRound, until it is cancelled; for one task.
    async::Awaitable<> run();
    /// When the report about this place is due for the first time.
    Timestamp due(const store::TallyPlace& place) const;

private:
    struct Job {
        ReportWriter* writer = nullptr;
        store::TallySum sum;
    };

    async::Awaitable<> round();
    async::Awaitable<store::StoreResult<>> round_of(ReportWriter* writer, std::chrono::sys_days day);
    async::Awaitable<> work();
    async::Awaitable<> do_job(Job job);
    async::Awaitable<> forget(store::TallyPlace place);

    Dependencies dependencies_;
    std::string host_name_;
    std::vector<ReportWriter*> writers_;
    std::deque<Job> jobs_;
    std::map<store::TallyPlace, Timestamp> next_try_; ///< of those that did not succeed
};

} // namespace tegami::reporting
