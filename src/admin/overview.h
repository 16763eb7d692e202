// Pictures of the last days: how much mail there was.
#pragma once

#include "admin/json.h"
#include "store/traffic.h"

#include <string>
#include <utility>
#include <vector>

namespace tegami::admin {

/// How far back hours are told one by one, and days.
inline constexpr int kOverviewHours = 48;
inline constexpr int kOverviewDays = 90;

using TrafficHours = std::vector<std::pair<store::TrafficHour, store::TrafficCounts>>;

/// The hours that are known, in order, as `hours`, `days`, `reasons` and `domains`; of one domain alone if it is not empty.
json::object traffic_json(const TrafficHours& known, Timestamp now, const std::string& domain);

} // namespace tegami::admin
