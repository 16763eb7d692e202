// Counts evaluated letters for aggregate reports.
#pragma once

#include "trust/dmarc/report.h"

#include <cstddef>
#include <map>
#include <vector>

namespace tegami::dmarc {

/// Limit: rows that one domain's report collects; a stranger chooses what is in them.
inline constexpr std::size_t kReportRowsMax = 10'000;
/// Limit: signatures of one letter in a row; RFC 9990 §3.1.3 has 100.
inline constexpr std::size_t kRowSignaturesMax = 10;

/// What happened to a letter besides its verdict.
struct Handling {
    IpAddress source;
    std::optional<message::Domain> reverse_path; ///< nothing if it was empty
    Policy action = Policy::none;
    std::vector<Override> overrides;
};

/// What reports say about the record that the verdict rests on, which it must have. Letters with equal ones belong into
/// one report (RFC 9990 §3.1).
PublishedPolicy published_policy(const Verdict& verdict);

/// The row for a letter with this input and verdict. An author domain must have been judged. Where the action is not
/// what the policy asks for, and the handling gives no reason, the row says that it was local policy.
Observation observe(const Input& input, const Verdict& verdict, Handling handling);

class ReportRows {
public:
    /// Counts one letter. False, and counted only as left out, if it needs a row beyond the limit.
    bool add(Observation observation);

    /// In the order of source addresses.
    std::vector<ReportRow> rows() const;

    bool empty() const { return counts_.empty(); }

    std::uint64_t left_out() const { return left_out_; }

private:
    std::map<Observation, std::uint64_t> counts_;
    std::uint64_t left_out_ = 0;
};

} // namespace tegami::dmarc
