// The operation that the first page of the administration asks: how much mail there was and is.
#include "admin/overview.h"

#include "admin/operation.h"
#include "admin/parameters.h"

#include <algorithm>
#include <array>
#include <map>

namespace tegami::admin {

namespace {

/// What is counted, as store/traffic.h names it.
constexpr std::array<std::string_view, 8> kKinds{"received", "submitted", "stored",   "junk",
                                                 "rejected", "relayed",   "deferred", "refused"};
/// Limit: reasons and domains that are told, those with the most.
constexpr std::size_t kReasonsMax = 10;
constexpr std::size_t kDomainsMax = 50;
constexpr std::size_t kDestinationsMax = 20;
/// How far back reasons and domains are added up.
constexpr auto kRecent = std::chrono::days(7);

using Sums = std::map<std::string_view, std::uint64_t>;

/// Of one domain, or of all together.
void add_up(Sums& sums, const store::TrafficCounts& counts, const std::string& domain) {
    for (const std::string_view kind : kKinds) {
        const auto found = counts.find(domain.empty() ? std::string(kind) : std::string(kind) + " @" + domain);
        if (found != counts.end()) sums[kind] += found->second;
    }
}

json::object counts_json(std::string_view name, std::string moment, const Sums& sums) {
    json::object shown{{name, std::move(moment)}};
    for (const std::string_view kind : kKinds) {
        const auto found = sums.find(kind);
        shown[kind] = found == sums.end() ? 0 : found->second;
    }
    return shown;
}

template <class Map>
std::vector<std::pair<std::string, std::uint64_t>> largest(const Map& counts, std::size_t count_max) {
    std::vector<std::pair<std::string, std::uint64_t>> all(counts.begin(), counts.end());
    std::ranges::sort(all, [](const auto& one, const auto& other) {
        return one.second != other.second ? one.second > other.second : one.first < other.first;
    });
    if (all.size() > count_max) all.resize(count_max);
    return all;
}

json::array pairs_json(const std::vector<std::pair<std::string, std::uint64_t>>& all, std::string_view name) {
    json::array shown;
    for (const auto& [what, count] : all)
        shown.push_back(json::object{{name, what}, {"count", count}});
    return shown;
}

/// Statuses of rejections.
json::array reasons_json(const TrafficHours& known, Timestamp since) {
    constexpr std::string_view kPrefix = "rejected ";
    std::map<std::string, std::uint64_t> reasons;
    for (const auto& [hour, counts] : known)
        for (auto at = counts.lower_bound(kPrefix); at != counts.end() && at->first.starts_with(kPrefix); ++at)
            if (hour >= since && at->first[kPrefix.size()] != '@')
                reasons[at->first.substr(kPrefix.size())] += at->second;
    return pairs_json(largest(reasons, kReasonsMax), "status");
}

json::array domains_json(const TrafficHours& known, Timestamp since) {
    std::map<std::string, std::uint64_t> busy;
    for (const auto& [hour, counts] : known)
        for (const auto& [name, count] : counts)
            if (const auto at = name.find(" @"); hour >= since && at != std::string::npos)
                busy[name.substr(at + 2)] += count;
    json::array shown;
    for (const auto& [domain, count] : largest(busy, kDomainsMax)) {
        Sums sums;
        for (const auto& [hour, counts] : known)
            if (hour >= since) add_up(sums, counts, domain);
        shown.push_back(counts_json("domain", domain, sums));
    }
    return shown;
}

} // namespace

json::object traffic_json(const TrafficHours& known, Timestamp now, const std::string& domain) {
    std::map<store::TrafficHour, Sums> hours;
    std::map<std::chrono::sys_days, Sums> days;
    const auto this_hour = std::chrono::floor<std::chrono::hours>(now);
    const auto today = std::chrono::floor<std::chrono::days>(now);
    for (int back = 0; back < kOverviewHours; ++back)
        hours[this_hour - std::chrono::hours(back)];
    for (int back = 0; back < kOverviewDays; ++back)
        days[today - std::chrono::days(back)];
    for (const auto& [hour, counts] : known) {
        if (const auto at = hours.find(hour); at != hours.end()) add_up(at->second, counts, domain);
        const auto day = days.find(std::chrono::floor<std::chrono::days>(hour));
        if (day != days.end()) add_up(day->second, counts, domain);
    }
    json::array by_hour;
    for (const auto& [hour, sums] : hours)
        by_hour.push_back(counts_json("hour", print_time(Timestamp(hour)), sums));
    json::array by_day;
    for (const auto& [day, sums] : days)
        by_day.push_back(counts_json("day", print_time(Timestamp(day)).substr(0, 10), sums));
    json::object answer{{"hours", std::move(by_hour)}, {"days", std::move(by_day)}};
    if (!domain.empty()) return answer;
    answer["reasons"] = reasons_json(known, now - kRecent);
    answer["domains"] = domains_json(known, now - kRecent);
    return answer;
}

namespace {

/// The oldest letters that wait, one page of them.
json::object queue_json(const store::QueuePage& page, Timestamp now) {
    constexpr std::array<std::pair<std::string_view, std::chrono::hours>, 4> kAges{
        {{"hour", std::chrono::hours(1)},
         {"day", std::chrono::hours(24)},
         {"week", std::chrono::hours(24 * 7)},
         {"older", std::chrono::hours::max()}}};
    std::map<std::string, std::uint64_t> destinations;
    std::array<std::uint64_t, kAges.size()> ages{};
    for (const store::QueuedMessage& queued : page.messages) {
        for (std::size_t at = 0; at < kAges.size(); ++at)
            if (kAges[at].second == std::chrono::hours::max() || now - queued.message.created < kAges[at].second) {
                ++ages[at];
                break;
            }
        for (const store::QueueItem& item : queued.items)
            if (const auto* const domain = std::get_if<message::Domain>(&item.destination))
                ++destinations[domain->ascii()];
    }
    json::object by_age;
    for (std::size_t at = 0; at < kAges.size(); ++at)
        by_age[kAges[at].first] = ages[at];
    return {{"looked_at", page.messages.size()},
            {"more", page.more},
            {"ages", std::move(by_age)},
            {"destinations", pairs_json(largest(destinations, kDestinationsMax), "destination")}};
}

json::object machine_json(const ServerStatus& status) {
    return {{"queued", status.queue_messages},         {"memory_bytes", status.memory_bytes},
            {"memory_budget", status.memory_budget},   {"disk_free_bytes", status.disk_free_bytes},
            {"store_bytes", status.store_bytes},       {"connections", status.connections},
            {"logins_refused", status.logins_refused}, {"started", print_time(status.started)}};
}

/// How often each bucket was met: up to so many milliseconds, the last one without an end.
json::array durations_json(const ServerStatus& status) {
    json::array all;
    for (const auto& [name, histogram] : status.durations) {
        json::array buckets;
        for (std::size_t at = 0; at <= DurationHistogram::kBounds.size(); ++at) {
            json::object bucket{{"count", histogram->in_bucket(at)}};
            if (at < DurationHistogram::kBounds.size())
                bucket["milliseconds"] = static_cast<double>(DurationHistogram::kBounds.at(at).count()) / 1000;
            buckets.push_back(std::move(bucket));
        }
        const double sum = static_cast<double>(histogram->sum().count()) / 1000;
        all.push_back(json::object{{"what", name}, {"milliseconds", sum}, {"buckets", std::move(buckets)}});
    }
    return all;
}

async::Awaitable<Answer> overview(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::optional<message::Domain> domain, optional_domain(on, request));
    const auto flushed = co_await on->traffic.flush();
    if (!flushed) co_return failure(refusal_for(flushed.error()));
    const Timestamp now = on->timers.now();
    const auto today = std::chrono::floor<std::chrono::days>(now);
    TrafficHours known;
    for (int back = kOverviewDays - 1; back >= 0; --back) {
        auto of_day = co_await on->traffic.hours(today - std::chrono::days(back));
        if (!of_day) co_return failure(refusal_for(of_day.error()));
        std::ranges::move(*of_day, std::back_inserter(known));
    }
    json::object answer = traffic_json(known, now, domain ? domain->ascii() : std::string());
    if (domain) co_return answer;
    const auto page = co_await on->queue.list(store::QueueId(), store::kQueuePageMax);
    if (!page) co_return failure(refusal_for(page.error()));
    answer["queue"] = queue_json(*page, now);
    if (!on->server_status) co_return answer;
    const ServerStatus status = co_await on->server_status();
    answer["machine"] = machine_json(status);
    answer["durations"] = durations_json(status);
    co_return answer;
}

} // namespace

std::span<const Operation> overview_operations() {
    static constexpr Operation kOperations[] = {
        {"/overview",
         Access::read,
         "domain",
         overview,
         "How much mail there was in 48 hours and 90 days, what was refused and why, and what waits",
         {kOneDomainParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
