// The session (RFC 8620 §2): what a client learns of the server and of its accounts.
#pragma once

#include "service/jmapd/user.h"
#include "json/json.h"

#include <string>
#include <string_view>

namespace tegami::jmapd {

inline constexpr std::string_view kCoreCapability = "urn:ietf:params:jmap:core";
inline constexpr std::string_view kMailCapability = "urn:ietf:params:jmap:mail";
inline constexpr std::string_view kSubmissionCapability = "urn:ietf:params:jmap:submission";
inline constexpr std::string_view kWebSocketCapability = "urn:ietf:params:jmap:websocket";

/// Whether we have this capability.
bool is_capability(std::string_view name);

/// The whole object, its `state` included.
json::object session_resource(const Service& service, const User& user);
/// That `state` alone (RFC 8620 §3.4, sessionState).
std::string session_state(const Service& service, const User& user);

} // namespace tegami::jmapd
