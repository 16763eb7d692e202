#include "trust/dmarc/report_rows.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace tegami::dmarc {
namespace {

/// RFC 9990 §3.1.3: the order in which signatures are worth their place.
int rank_of_signature(AuthResult result, Alignment alignment) {
    if (result != AuthResult::pass) return 3;
    return alignment == Alignment::strict ? 0 : alignment == Alignment::relaxed ? 1 : 2;
}

std::vector<DkimFinding> dkim_findings(const Input& input, const Verdict& verdict) {
    std::vector<std::pair<int, std::size_t>> ranked;
    for (std::size_t at = 0; at < input.dkim.size(); ++at)
        ranked.emplace_back(rank_of_signature(input.dkim[at].result, verdict.dkim[at]), at);
    std::ranges::sort(ranked);
    if (ranked.size() > kRowSignaturesMax) ranked.resize(kRowSignaturesMax);
    std::vector<DkimFinding> findings;
    for (const auto& [rank, at] : ranked) {
        const DkimIdentity& identity = input.dkim[at];
        findings.push_back(
            {.domain = identity.domain.ascii(), .selector = identity.selector, .result = identity.result});
    }
    return findings;
}

Disposition disposition_of(const Verdict& verdict, Policy action) {
    switch (action) {
    case Policy::quarantine: return Disposition::quarantine;
    case Policy::reject: return Disposition::reject;
    case Policy::none: break;
    }
    return verdict.result == Outcome::pass && verdict.policy != Policy::none ? Disposition::pass : Disposition::none;
}

bool has_override(const std::vector<Override>& overrides, OverrideType type) {
    return std::ranges::find(overrides, type, &Override::type) != overrides.end();
}

} // namespace

PublishedPolicy published_policy(const Verdict& verdict) {
    ASSERT(verdict.record.has_value());
    const Record& record = verdict.record->record;
    return {.domain = verdict.record->domain.ascii(),
            .discovery = DiscoveryMethod::tree_walk,
            .p = record.p,
            .sp = record.sp,
            .np = record.np,
            .adkim = record.adkim,
            .aspf = record.aspf,
            .failure_options = to_string(record.fo),
            .testing = record.testing};
}

Observation observe(const Input& input, const Verdict& verdict, Handling handling) {
    ASSERT(verdict.author.has_value());
    Observation seen{.source = handling.source.unmapped(),
                     .disposition = disposition_of(verdict, handling.action),
                     .dkim_aligned = verdict.dkim_pass,
                     .spf_aligned = verdict.spf_pass,
                     .overrides = std::move(handling.overrides),
                     .header_from = verdict.author->ascii(),
                     .envelope_from = handling.reverse_path ? handling.reverse_path->ascii() : std::string()};
    // RFC 9990 §3.1.1.9: whoever departs from the published policy says why.
    if (verdict.result == Outcome::fail) {
        if (verdict.policy != verdict.published_policy && handling.action == verdict.policy &&
            !has_override(seen.overrides, OverrideType::policy_test_mode))
            seen.overrides.push_back({.type = OverrideType::policy_test_mode});
        else if (handling.action != verdict.published_policy && seen.overrides.empty())
            seen.overrides.push_back({.type = OverrideType::local_policy});
    }
    seen.dkim = dkim_findings(input, verdict);
    if (input.spf.domain) seen.spf = SpfFinding{.domain = input.spf.domain->ascii(), .result = input.spf.result};
    return seen;
}

bool ReportRows::add(Observation observation) {
    const auto known = counts_.find(observation);
    if (known != counts_.end()) {
        ++known->second;
    } else if (counts_.size() < kReportRowsMax) {
        counts_.emplace(std::move(observation), 1);
    } else {
        ++left_out_;
        return false;
    }
    return true;
}

std::vector<ReportRow> ReportRows::rows() const {
    std::vector<ReportRow> rows;
    rows.reserve(counts_.size());
    for (const auto& [observation, count] : counts_)
        rows.push_back({.seen = observation, .count = count});
    return rows;
}

} // namespace tegami::dmarc
