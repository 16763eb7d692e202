#include "reporting/dmarc_totals.h"

#include "async/turns.h"

#include <utility>

namespace tegami::reporting {

namespace {

class Overview {
public:
    Overview(store::Engine* engine, std::vector<std::string> domains)
        : reports_(engine), domains_(std::move(domains)) {}

    async::Awaitable<store::StoreResult<DmarcOverview>> of(std::chrono::sys_days first, std::chrono::sys_days last) {
        for (const std::string& domain : domains_)
            overview_.domains.try_emplace(domain);
        for (std::chrono::sys_days day = last; day >= first; day -= std::chrono::days(1)) {
            for (const std::string& domain : domains_)
                CO_TRY_VOID(co_await read(store::ReportWay::received, day, domain));
            CO_TRY_VOID(co_await read(store::ReportWay::sent, day, ""));
        }
        co_return std::move(overview_);
    }

private:
    async::Awaitable<store::StoreResult<>> read(store::ReportWay way, std::chrono::sys_days day, std::string domain) {
        const store::TallyPlace place{.kind = store::TallyKind::dmarc, .day = day, .domain = std::move(domain)};
        std::string from;
        do {
            CO_TRY(const store::KeptPage page, co_await reports_.page(way, place, std::move(from)));
            for (const store::KeptReport& report : page.reports) {
                take(way, report);
                co_await async::give_way();
            }
            from = page.next;
        } while (!from.empty());
        co_return store::StoreResult<>{};
    }

    void take(store::ReportWay way, const store::KeptReport& report) {
        if (way == store::ReportWay::received) {
            if (const auto summary = decode_dmarc_summary(report.value))
                overview_.domains[report.place.domain].add(*summary);
        } else if (auto sent = decode_sent_report(report.value)) {
            ++overview_.sent_count;
            if (overview_.sent.size() < kSentListedMax)
                overview_.sent.push_back({.place = report.place, .report = *std::move(sent)});
        }
    }

    store::KeptReports reports_;
    std::vector<std::string> domains_;
    DmarcOverview overview_;
};

} // namespace

void DmarcTotals::add(const DmarcSummary& summary) {
    ++reports;
    const DmarcSums all = summary.sums();
    sums += all;
    other_hosts += summary.others;
    for (const DmarcHost& host : summary.hosts) {
        const auto known = hosts.find(host.address);
        if (known != hosts.end())
            known->second += host.sums;
        else if (hosts.size() < kTotalsHostsMax)
            hosts.emplace(host.address, host.sums);
        else
            other_hosts += host.sums;
    }
    const Reporter reporter{.organization = summary.organization, .author = summary.author};
    if (reporters.size() >= kReportersMax && !reporters.contains(reporter)) return;
    ReporterSums& of = reporters[reporter];
    ++of.reports;
    of.letters += all.letters;
}

async::Awaitable<store::StoreResult<DmarcOverview>> dmarc_overview(store::Engine* engine,
                                                                   std::vector<std::string> domains,
                                                                   std::chrono::sys_days first,
                                                                   std::chrono::sys_days last) {
    Overview overview(engine, std::move(domains));
    co_return co_await overview.of(first, last);
}

} // namespace tegami::reporting
