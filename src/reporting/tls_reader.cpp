// Reads reports about TLS; the class stands with the others in receiver.h.
#include "message/domain.h"
#include "reporting/receiver.h"
#include "reporting/tls_summary.h"
#include "trust/tls_report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::reporting {

namespace {

std::string_view tls_sentence_for(tls_report::TlsReportError error) {
    switch (error) {
    case tls_report::TlsReportError::too_large: return "it is too large";
    case tls_report::TlsReportError::not_json: return "it is not well-formed JSON";
    case tls_report::TlsReportError::not_a_report: return "it is no report";
    }
    std::unreachable();
}

/// Who proves the report: the author of its letter, if he signed it.
const std::string& proof(const ReportArrival& arrival) {
    const auto own = std::ranges::find(arrival.signers, arrival.author);
    return own != arrival.signers.end() ? *own : arrival.signers.front();
}

} // namespace

bool TlsReader::may_be(std::string_view media_type, std::string_view file_name) const {
    return tls_report::may_be_report(media_type, file_name);
}

Result<std::vector<store::KeptReport>, std::string> TlsReader::read(std::string_view octets,
                                                                    const ReportArrival& arrival) const {
    if (arrival.signers.empty())
        return failure(std::string("its letter has no good signature (DKIM), so nobody proves the report"));
    const auto report = tls_report::read_report(octets);
    if (!report) return failure(std::string(tls_sentence_for(report.error())));
    std::vector<store::KeptReport> kept;
    for (auto& [domain, summary] : summarize(*report)) {
        summary.received = arrival.received;
        summary.author = proof(arrival);
        summary.journey = arrival.journey;
        kept.push_back({.place = {.kind = store::TallyKind::tls,
                                  .day = std::chrono::floor<std::chrono::days>(report->begin),
                                  .domain = domain},
                        .id = fmt::format("{}\n{}", summary.organization, summary.report_id),
                        .value = encode_tls_summary(summary)});
    }
    if (kept.empty()) return failure(std::string("it does not say which domain it is about"));
    return kept;
}

} // namespace tegami::reporting
