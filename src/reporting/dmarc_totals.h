// What the aggregate reports of others say together, domain by domain.
#pragma once

#include "reporting/dmarc_summary.h"
#include "store/kept_reports.h"

#include <map>
#include <string>
#include <vector>

namespace tegami::reporting {

/// Limit: hosts and reporters that are told apart for a domain; the others are one sum.
inline constexpr std::size_t kTotalsHostsMax = 10'000;
inline constexpr std::size_t kReportersMax = 1000;
/// Limit: sent reports that are listed.
inline constexpr std::size_t kSentListedMax = 500;

/// Who reported, as the reports say, and whose letters brought them (empty if nobody proved that).
struct Reporter {
    std::string organization;
    std::string author;

    auto operator<=>(const Reporter&) const = default;
};

struct ReporterSums {
    std::uint64_t reports = 0;
    std::uint64_t letters = 0;
};

struct DmarcTotals {
    std::uint64_t reports = 0;
    DmarcSums sums;
    std::map<IpAddress, DmarcSums> hosts;
    DmarcSums other_hosts;
    std::map<Reporter, ReporterSums> reporters;

    void add(const DmarcSummary& summary);
};

/// A sent report with the domain and the day that it is about.
struct ListedReport {
    store::TallyPlace place;
    SentReport report;
};

struct DmarcOverview {
    std::map<std::string, DmarcTotals> domains; ///< by name in A-labels; those without reports too
    std::vector<ListedReport> sent;             ///< the newest first; at most kSentListedMax
    std::uint64_t sent_count = 0;
};

/// Sums up what was received about these domains (in A-labels) and what was sent, from `first` to `last`.
async::Awaitable<store::StoreResult<DmarcOverview>> dmarc_overview(store::Engine* engine,
                                                                   std::vector<std::string> domains,
                                                                   std::chrono::sys_days first,
                                                                   std::chrono::sys_days last);

} // namespace tegami::reporting
