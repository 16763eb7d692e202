// The operations on DMARC reports: what others saw of mail in our domains' names, and what we told them.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "reporting/dmarc_totals.h"

#include <algorithm>

namespace tegami::admin {

namespace {

using reporting::DmarcSums;

constexpr std::uint64_t kDaysUsual = 7;
constexpr std::uint64_t kDaysMax = 90;

void put_sums(json::object& into, const DmarcSums& sums) {
    into["letters"] = sums.letters;
    into["passed"] = sums.passed;
    into["failed"] = sums.letters - std::min(sums.letters, sums.passed);
    into["spf_passed"] = sums.spf;
    into["dkim_passed"] = sums.dkim;
    into["quarantined"] = sums.quarantined;
    into["rejected"] = sums.rejected;
}

/// Those with the most letters first.
json::array hosts_json(const reporting::DmarcTotals& totals) {
    std::vector<std::pair<IpAddress, DmarcSums>> hosts(totals.hosts.begin(), totals.hosts.end());
    std::ranges::sort(hosts, [](const auto& one, const auto& other) {
        if (one.second.letters != other.second.letters) return one.second.letters > other.second.letters;
        return one.first < other.first;
    });
    json::array all;
    for (const auto& [address, sums] : hosts) {
        if (all.size() == kListingRowsMax) break;
        json::object host{{"address", address.to_string()}};
        put_sums(host, sums);
        all.push_back(std::move(host));
    }
    return all;
}

json::object domain_json(const std::string& name, const reporting::DmarcTotals& totals) {
    const auto domain = message::Domain::parse(name);
    json::object out{{"domain", name}, {"display", domain ? domain->display() : name}, {"reports", totals.reports}};
    put_sums(out, totals.sums);
    json::array hosts = hosts_json(totals);
    DmarcSums others = totals.sums;
    for (const json::value& host : hosts)
        others.letters -= std::min(others.letters, host.at("letters").to_number<std::uint64_t>());
    out["letters_of_other_hosts"] = others.letters;
    out["hosts"] = std::move(hosts);
    json::array reporters;
    for (const auto& [who, sums] : totals.reporters)
        reporters.push_back(json::object{{"organization", who.organization},
                                         {"proven", who.author.empty() ? json::value() : json::value(who.author)},
                                         {"reports", sums.reports},
                                         {"letters", sums.letters}});
    out["reporters"] = std::move(reporters);
    return out;
}

json::array sent_json(const reporting::DmarcOverview& overview) {
    json::array all;
    for (const reporting::ListedReport& each : overview.sent)
        all.push_back(json::object{{"domain", each.place.domain},
                                   {"day", print_time(Timestamp(each.place.day)).substr(0, 10)},
                                   {"letters", each.report.count},
                                   {"to", each.report.to},
                                   {"sent", print_time(each.report.sent)},
                                   {"report_id", each.report.report_id},
                                   {"journey", each.report.journey}});
    return all;
}

async::Awaitable<Answer> dmarc_reports(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::optional<message::Domain> named, optional_domain(request, "domain"));
    CO_TRY(const std::uint64_t days, optional_number(request, "days", kDaysUsual));
    if (days == 0 || days > kDaysMax)
        co_return failure(Refusal{.status = 400, .message = "days must be from 1 to 90: reports are kept so long"});
    const auto ours = on->directory.domains();
    if (named && !ours->contains(*named)) co_return failure(no_domain(*named));
    std::vector<std::string> domains;
    for (const auto& [name, settings] : *ours)
        if (!named || name == *named) domains.push_back(name.ascii());
    const auto last = std::chrono::floor<std::chrono::days>(on->timers.now());
    const std::chrono::sys_days first = last - std::chrono::days(days);
    const auto overview = co_await reporting::dmarc_overview(&on->engine, std::move(domains), first, last);
    if (!overview) co_return failure(refusal_for(overview.error()));
    json::array about;
    for (const auto& [name, totals] : overview->domains)
        about.push_back(domain_json(name, totals));
    json::object answer{{"days", days}, {"domains", std::move(about)}};
    // Reports to others are about mail to all domains of this server together.
    if (!named) {
        answer["sent_count"] = overview->sent_count;
        answer["sent"] = sent_json(*overview);
    }
    co_return answer;
}

} // namespace

std::span<const Operation> dmarc_operations() {
    static constexpr Operation kOperations[] = {
        {"/dmarc/reports", Access::read, "domain", dmarc_reports},
    };
    return kOperations;
}

} // namespace tegami::admin
