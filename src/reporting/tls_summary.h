// What is kept of a report about TLS (docs/formats/reports.md), and what many of them say together.
#pragma once

#include "base/clock.h"
#include "reporting/dmarc_totals.h"
#include "store/kept_reports.h"
#include "trust/tls_report/report.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::reporting {

/// Limit: failures that are kept of a report, those with the most sessions, and octets of a text.
inline constexpr std::size_t kTlsFailuresKept = 100;
inline constexpr std::size_t kTlsSummaryTextMax = 120;

/// Sessions that failed in one way at one host.
struct TlsFailure {
    tls_report::ResultType type{};
    std::string host;   ///< as the report names it; may be empty
    std::string reason; ///< likewise

    auto operator<=>(const TlsFailure&) const = default;
};

struct TlsSummary {
    std::string organization; ///< as the report names its writer: anybody can write anything there
    std::string report_id;
    Timestamp received{};
    std::string author;  ///< the domain that signed the letter that brought it
    std::string journey; ///< of that letter
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::vector<std::pair<TlsFailure, std::uint64_t>> failures; ///< with sessions, those with the most first

    bool operator==(const TlsSummary&) const = default;
};

/// What the report says of each domain (in A-labels); `received`, `author` and `journey` are not known from it.
std::map<std::string, TlsSummary> summarize(const tls_report::TlsReport& report);

std::string encode_tls_summary(const TlsSummary& summary);
/// Nothing if it is not wholly understood.
std::optional<TlsSummary> decode_tls_summary(std::string_view octets);

/// Limit: failures that are told apart for a domain; the others are counted alone.
inline constexpr std::size_t kTlsTotalsMax = 1000;

struct TlsTotals {
    std::uint64_t reports = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::map<TlsFailure, std::uint64_t> failures;
    std::map<Reporter, ReporterSums> reporters; ///< `letters` are sessions

    void add(const TlsSummary& summary);
};

struct TlsOverview {
    std::map<std::string, TlsTotals> domains; ///< by name in A-labels; those without reports too
    std::vector<ListedReport> sent;           ///< the newest first; at most kSentListedMax
    std::uint64_t sent_count = 0;
};

/// Sums up what was received about these domains (in A-labels) and what was sent, from `first` to `last`.
async::Awaitable<store::StoreResult<TlsOverview>> tls_overview(store::Engine* engine, std::vector<std::string> domains,
                                                               std::chrono::sys_days first, std::chrono::sys_days last);

} // namespace tegami::reporting
