// The operation on reports about TLS: what others saw of connections to our servers, and what we told them.
#include "admin/parameters.h"
#include "admin/report_overview.h"
#include "reporting/tls_summary.h"

#include <algorithm>

namespace tegami::admin {

namespace {

/// Those with the most sessions first.
json::array failures_json(const reporting::TlsTotals& totals) {
    std::vector<std::pair<reporting::TlsFailure, std::uint64_t>> failures(totals.failures.begin(),
                                                                          totals.failures.end());
    std::ranges::sort(failures, [](const auto& one, const auto& other) {
        return one.second != other.second ? one.second > other.second : one.first < other.first;
    });
    json::array all;
    for (const auto& [failure, sessions] : failures) {
        if (all.size() == kListingRowsMax) break;
        all.push_back(json::object{{"type", tls_report::describe(failure.type)},
                                   {"host", failure.host},
                                   {"reason", failure.reason},
                                   {"sessions", sessions}});
    }
    return all;
}

json::object tls_domain_json(const std::string& name, const reporting::TlsTotals& totals) {
    const auto domain = message::Domain::parse(name);
    json::array reporters;
    for (const auto& [who, sums] : totals.reporters)
        reporters.push_back(json::object{{"organization", who.organization},
                                         {"proven", who.author},
                                         {"reports", sums.reports},
                                         {"sessions", sums.letters}});
    return {{"domain", name},
            {"display", domain ? domain->display() : name},
            {"reports", totals.reports},
            {"succeeded", totals.succeeded},
            {"failed", totals.failed},
            {"failures", failures_json(totals)},
            {"reporters", std::move(reporters)}};
}

async::Awaitable<Answer> tls_reports(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const ReportsAsked asked, reports_asked(on, request));
    const auto overview = co_await reporting::tls_overview(&on->engine, asked.domains, asked.first, asked.last);
    if (!overview) co_return failure(refusal_for(overview.error()));
    json::array about;
    for (const auto& [name, totals] : overview->domains)
        about.push_back(tls_domain_json(name, totals));
    co_return reports_answer(asked, std::move(about), overview->sent, overview->sent_count, "sessions");
}

} // namespace

std::span<const Operation> tls_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/tls/reports",
         Access::read,
         "domain",
         tls_reports,
         "What others reported about TLS to us",
         {kOneDomainParameter, {"days", number, "How far back; usually 7"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
