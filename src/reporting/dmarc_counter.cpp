#include "reporting/dmarc_counter.h"

#include "reporting/dmarc_rows.h"
#include "trust/dmarc/report_rows.h"

#include <utility>

namespace tegami::reporting {

void DmarcCounter::count(const verification::Finding& finding, reception::DmarcAction action) {
    const dmarc::Verdict& verdict = finding.verdicts.dmarc;
    if (!verdict.author || !verdict.record || verdict.record->record.rua.empty() || !finding.subject.client) return;
    dmarc::Handling handling{
        .source = *finding.subject.client, .action = action.action, .overrides = std::move(action.reasons)};
    if (finding.subject.reverse_path) handling.reverse_path = finding.subject.reverse_path->domain;
    if (verdict.result == dmarc::Outcome::temperror)
        handling.overrides.push_back({.type = dmarc::OverrideType::other, .comment = "undecided: the DNS failed"});
    const DmarcRow row{.policy = dmarc::published_policy(verdict),
                       .seen = dmarc::observe(verification::dmarc_input(finding.subject, finding.verdicts), verdict,
                                              std::move(handling))};
    tally_.count(store::TallyKind::dmarc, row.policy.domain, encode_dmarc_row(row));
}

} // namespace tegami::reporting
