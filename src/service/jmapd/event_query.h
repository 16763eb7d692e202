// What a client says in the address of an event stream (RFC 8620 §7.3).
#pragma once

#include "base/clock.h"

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// The types that are pushed.
inline constexpr std::array<std::string_view, 8> kEventTypes{
    "Email", "EmailDelivery", "EmailSubmission", "Identity", "Mailbox", "Quota", "ShareNotification", "Thread"};
using EventTypes = std::set<std::string, std::less<>>;

EventTypes all_event_types();
/// Those of the ones asked for that there are.
EventTypes known_event_types(const std::vector<std::string>& asked);

/// What a client wants to be told.
struct EventQuery {
    EventTypes types; ///< those that there are of the ones asked for
    bool close_after_state = false;
    Duration ping{}; ///< zero: none
};

/// Out of a target; nothing if it is none.
std::optional<EventQuery> parse_event_query(std::string_view target);

} // namespace tegami::jmapd
