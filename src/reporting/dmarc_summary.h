// What is kept of an aggregate report: its sums by sending host (docs/formats/reports.md); and of one that we sent.
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"
#include "trust/dmarc/report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::reporting {

/// Limit: hosts that are kept of a report, those with the most letters; the rest is one sum.
inline constexpr std::size_t kSummaryHostsMax = 300;
/// Limit: octets of a text of a summary; longer ones are cut.
inline constexpr std::size_t kSummaryTextMax = 255;

/// Letters in a domain's name.
struct DmarcSums {
    std::uint64_t letters = 0;
    std::uint64_t passed = 0;      ///< by at least one of the next two
    std::uint64_t spf = 0;         ///< SPF passed for an aligned domain
    std::uint64_t dkim = 0;        ///< a signature of an aligned domain passed
    std::uint64_t quarantined = 0; ///< by the receiver
    std::uint64_t rejected = 0;

    DmarcSums& operator+=(const DmarcSums& more);
    bool operator==(const DmarcSums&) const = default;
};

struct DmarcHost {
    IpAddress address;
    DmarcSums sums;

    bool operator==(const DmarcHost&) const = default;
};

struct DmarcSummary {
    std::string organization; ///< as the report names its writer: anybody can write anything there
    std::string email;
    std::string report_id;
    std::chrono::sys_seconds begin{};
    std::chrono::sys_seconds end{};
    Timestamp received{};
    std::string author;  ///< the domain whose letter brought it, by DMARC; empty if nobody proved that
    std::string journey; ///< of that letter
    dmarc::Policy policy = dmarc::Policy::none;
    std::vector<DmarcHost> hosts; ///< those with the most letters first
    DmarcSums others;             ///< of hosts that are not kept
    std::uint64_t others_count = 0;

    DmarcSums sums() const;
    bool operator==(const DmarcSummary&) const = default;
};

/// The sums of a report; `received`, `author` and `journey` are not known from it.
DmarcSummary summarize(const dmarc::AggregateReport& report);

std::string encode_dmarc_summary(const DmarcSummary& summary);
std::optional<DmarcSummary> decode_dmarc_summary(std::string_view octets);

/// A report that we sent.
struct SentReport {
    std::string report_id;
    std::string to; ///< addresses, with commas
    Timestamp sent{};
    std::uint64_t count = 0; ///< letters, or sessions, in it
    std::string journey;

    bool operator==(const SentReport&) const = default;
};

std::string encode_sent_report(const SentReport& report);
std::optional<SentReport> decode_sent_report(std::string_view octets);

} // namespace tegami::reporting
