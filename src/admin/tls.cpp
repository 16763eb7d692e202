// The operation on reports about TLS: what others saw of connections to our servers, and what we told them.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "reporting/tls_summary.h"

#include <algorithm>

namespace tegami::admin {

namespace {

constexpr std::uint64_t kTlsDaysUsual = 7;
constexpr std::uint64_t kTlsDaysMax = 90;

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

json::array tls_sent_json(const reporting::TlsOverview& overview) {
    json::array all;
    for (const reporting::ListedReport& each : overview.sent)
        all.push_back(json::object{{"domain", each.place.domain},
                                   {"day", print_time(Timestamp(each.place.day)).substr(0, 10)},
                                   {"sessions", each.report.count},
                                   {"to", each.report.to},
                                   {"sent", print_time(each.report.sent)},
                                   {"report_id", each.report.report_id},
                                   {"journey", each.report.journey}});
    return all;
}

async::Awaitable<Answer> tls_reports(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::optional<message::Domain> named, optional_domain(request, "domain"));
    CO_TRY(const std::uint64_t days, optional_number(request, "days", kTlsDaysUsual));
    if (days == 0 || days > kTlsDaysMax)
        co_return failure(Refusal{.status = 400, .message = "days must be from 1 to 90: reports are kept so long"});
    const auto ours = on->directory.domains();
    if (named && !ours->contains(*named)) co_return failure(no_domain(*named));
    std::vector<std::string> domains;
    for (const auto& [name, settings] : *ours)
        if (!named || name == *named) domains.push_back(name.ascii());
    const auto last = std::chrono::floor<std::chrono::days>(on->timers.now());
    const std::chrono::sys_days first = last - std::chrono::days(days);
    const auto overview = co_await reporting::tls_overview(&on->engine, std::move(domains), first, last);
    if (!overview) co_return failure(refusal_for(overview.error()));
    json::array about;
    for (const auto& [name, totals] : overview->domains)
        about.push_back(tls_domain_json(name, totals));
    json::object answer{{"days", days}, {"domains", std::move(about)}};
    // Reports to others are about mail to all domains of this server together.
    if (!named) {
        answer["sent_count"] = overview->sent_count;
        answer["sent"] = tls_sent_json(*overview);
    }
    co_return answer;
}

} // namespace

std::span<const Operation> tls_operations() {
    static constexpr Operation kOperations[] = {
        {"/tls/reports", Access::read, "domain", tls_reports},
    };
    return kOperations;
}

} // namespace tegami::admin
