// The operations on DMARC reports: what others saw of mail in our domains' names, and what we told them.
#include "admin/parameters.h"
#include "admin/report_overview.h"
#include "trust/iprev.h"
#include "verification/inquiry.h"

#include <algorithm>
#include <map>

namespace tegami::admin {

namespace {

using reporting::DmarcSums;

/// Limit: hosts of a domain, and of all together, whose names are looked up.
constexpr std::size_t kNamedHostsMax = 20;
constexpr std::size_t kNamedHostsMaxTogether = 60;

void put_sums(json::object& into, const DmarcSums& sums) {
    into["letters"] = sums.letters;
    into["passed"] = sums.passed;
    into["failed"] = sums.letters - std::min(sums.letters, sums.passed);
    into["spf_passed"] = sums.spf;
    into["dkim_passed"] = sums.dkim;
    into["quarantined"] = sums.quarantined;
    into["rejected"] = sums.rejected;
}

using Hosts = std::vector<std::pair<IpAddress, DmarcSums>>;
using Names = std::map<IpAddress, std::string>;

/// Those with the most letters first.
Hosts largest_hosts(const reporting::DmarcTotals& totals) {
    Hosts hosts(totals.hosts.begin(), totals.hosts.end());
    std::ranges::sort(hosts, [](const auto& one, const auto& other) {
        if (one.second.letters != other.second.letters) return one.second.letters > other.second.letters;
        return one.first < other.first;
    });
    if (hosts.size() > kListingRowsMax) hosts.resize(kListingRowsMax);
    return hosts;
}

/// The hosts of an overview whose names are worth a look-up.
std::vector<IpAddress> named_hosts(const reporting::DmarcOverview& overview) {
    std::vector<IpAddress> named;
    for (const auto& [domain, totals] : overview.domains) {
        std::size_t of_domain = 0;
        for (const auto& [address, sums] : largest_hosts(totals)) {
            if (of_domain++ == kNamedHostsMax || named.size() == kNamedHostsMaxTogether) break;
            named.push_back(address);
        }
    }
    return named;
}

trust::Evaluation<Names> names_in(const std::vector<IpAddress>& hosts, const trust::DnsAnswers& answers) {
    Names names;
    trust::OpenQuestions open;
    for (const IpAddress& host : hosts) {
        const auto found = trust::check_iprev(host, answers);
        if (!found)
            trust::merge(open, found.error());
        else if (found->outcome == trust::IprevOutcome::pass && found->name)
            names[host] = found->name->to_string();
    }
    if (!open.empty()) return failure(std::move(open));
    return names;
}

/// Names that the reverse DNS has for some of the hosts, and that lead back to them.
async::Awaitable<Names> look_up_names(const Dependencies* on, std::vector<IpAddress> hosts) {
    if (!on->new_resolver || hosts.empty()) co_return Names();
    const auto resolver = on->new_resolver();
    if (!resolver) co_return Names();
    verification::Inquiry inquiry(**resolver, on->timers);
    const trust::Evaluator<Names> evaluate = [&hosts](const trust::DnsAnswers& answers) {
        return names_in(hosts, answers);
    };
    co_return co_await inquiry.settle(evaluate);
}

json::array hosts_json(const Hosts& hosts, const Names& names) {
    json::array all;
    for (const auto& [address, sums] : hosts) {
        const auto name = names.find(address);
        json::object host{{"address", address.to_string()},
                          {"name", name == names.end() ? json::value() : json::value(name->second)}};
        put_sums(host, sums);
        all.push_back(std::move(host));
    }
    return all;
}

json::object domain_json(const std::string& name, const reporting::DmarcTotals& totals, const Names& names) {
    const auto domain = message::Domain::parse(name);
    json::object out{{"domain", name}, {"display", domain ? domain->display() : name}, {"reports", totals.reports}};
    put_sums(out, totals.sums);
    const Hosts hosts = largest_hosts(totals);
    std::uint64_t others = totals.sums.letters;
    for (const auto& [address, sums] : hosts)
        others -= std::min(others, sums.letters);
    out["letters_of_other_hosts"] = others;
    out["hosts"] = hosts_json(hosts, names);
    json::array reporters;
    for (const auto& [who, sums] : totals.reporters)
        reporters.push_back(json::object{{"organization", who.organization},
                                         {"proven", who.author.empty() ? json::value() : json::value(who.author)},
                                         {"reports", sums.reports},
                                         {"letters", sums.letters}});
    out["reporters"] = std::move(reporters);
    return out;
}

async::Awaitable<Answer> dmarc_reports(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const ReportsAsked asked, reports_asked(on, request));
    const auto overview = co_await reporting::dmarc_overview(&on->engine, asked.domains, asked.first, asked.last);
    if (!overview) co_return failure(refusal_for(overview.error()));
    const Names names = co_await look_up_names(on, named_hosts(*overview));
    json::array about;
    for (const auto& [name, totals] : overview->domains)
        about.push_back(domain_json(name, totals, names));
    co_return reports_answer(asked, std::move(about), overview->sent, overview->sent_count, "letters");
}

} // namespace

std::span<const Operation> dmarc_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/dmarc/reports",
         Access::read,
         "domain",
         dmarc_reports,
         "What others reported about mail in our names",
         {kOneDomainParameter, {"days", number, "How far back; usually 7"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
