#include "admin/report_overview.h"

#include "admin/parameters.h"
#include "store/kept_reports.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::admin {

namespace {

constexpr std::uint64_t kDaysUsual = 7;
constexpr std::uint64_t kDaysMax = store::kReportRetention / std::chrono::days(1);

} // namespace

Result<ReportsAsked, Refusal> reports_asked(const Dependencies* on, const json::object& request) {
    TRY(const std::optional<message::Domain> named, optional_domain(on, request));
    TRY(const std::uint64_t days, optional_number(request, "days", kDaysUsual));
    if (days == 0 || days > kDaysMax)
        return failure(Refusal{
            .status = 400, .message = fmt::format("days must be from 1 to {}: reports are kept so long", kDaysMax)});
    const auto ours = on->directory.administration().domains();
    ReportsAsked asked{.domains = {}, .one = named.has_value(), .days = days};
    for (const auto& [name, settings] : *ours)
        if (!named || name == *named) asked.domains.push_back(name.ascii());
    asked.last = std::chrono::floor<std::chrono::days>(on->timers.now());
    asked.first = asked.last - std::chrono::days(days);
    return asked;
}

json::object reports_answer(const ReportsAsked& asked, json::array about,
                            const std::vector<reporting::ListedReport>& sent, std::uint64_t sent_count,
                            std::string_view count) {
    json::object answer{{"days", asked.days}, {"domains", std::move(about)}};
    if (asked.one) return answer;
    json::array all;
    for (const reporting::ListedReport& each : sent)
        all.push_back(json::object{{"domain", each.place.domain},
                                   {"day", print_time(Timestamp(each.place.day)).substr(0, 10)},
                                   {count, each.report.count},
                                   {"to", each.report.to},
                                   {"sent", print_time(each.report.sent)},
                                   {"report_id", each.report.report_id},
                                   {"journey", each.report.journey}});
    answer["sent_count"] = sent_count;
    answer["sent"] = std::move(all);
    return answer;
}

} // namespace tegami::admin
