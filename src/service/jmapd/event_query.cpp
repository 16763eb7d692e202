#include "service/jmapd/event_query.h"

#include "base/ascii.h"
#include "discovery/query.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace tegami::jmapd {

namespace {

/// RFC 8620 §7.3: the smallest interval is 30 seconds or less, the largest 300 or more.
constexpr std::uint64_t kPingSecondsMin = 10;
constexpr std::uint64_t kPingSecondsMax = 900;

} // namespace

EventTypes all_event_types() {
    return {kEventTypes.begin(), kEventTypes.end()};
}

EventTypes known_event_types(const std::vector<std::string>& asked) {
    EventTypes types;
    for (const std::string& type : asked)
        if (std::ranges::find(kEventTypes, type) != kEventTypes.end()) types.emplace(type);
    return types;
}

std::optional<EventQuery> parse_event_query(std::string_view target) {
    const auto types = discovery::query_value(target, "types");
    const auto close_after = discovery::query_value(target, "closeafter");
    const auto ping = ascii::parse_number<std::uint64_t>(discovery::query_value(target, "ping").value_or(""));
    if (!types || !ping || (close_after != "state" && close_after != "no")) return std::nullopt;
    EventQuery query{.types = {}, .close_after_state = close_after == "state"};
    const std::vector<std::string_view> asked = ascii::split(*types, ',');
    query.types = *types == "*" ? all_event_types() : known_event_types({asked.begin(), asked.end()});
    if (*ping != 0) query.ping = std::chrono::seconds(std::clamp(*ping, kPingSecondsMin, kPingSecondsMax));
    return query;
}

} // namespace tegami::jmapd
