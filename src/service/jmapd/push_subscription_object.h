// A push subscription as a client describes it and sees it (RFC 8620 §7.2). Pure.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "directory/push_subscription.h"
#include "net/web_url.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// Limits: octets of an address, of a deviceClientId and of a type, and types.
inline constexpr std::size_t kPushUrlBytesMax = 2048;
inline constexpr std::size_t kDeviceBytesMax = 255;
inline constexpr std::size_t kPushTypeBytesMax = 64;
inline constexpr std::size_t kPushTypesMax = 32;

/// What may be asked for; `url` and `keys` are never told.
const std::vector<std::string>& push_subscription_properties();
json::object push_subscription_object(const directory::PushSubscription& subscription);

/// An address that is pushed to: https, at the port where push services are. Nothing for others.
std::optional<net::WebUrl> parse_push_url(std::string_view text, std::uint16_t port);

/// What a client wants to have made: without id, owner and code. Faults: invalidProperties.
Result<directory::PushSubscription, jmap::Fault> read_push_subscription(const json::object& wanted, Timestamp now,
                                                                        std::uint16_t port);

/// What the record becomes by a patch. Faults: invalidPatch, invalidProperties (also a wrong code).
Result<directory::PushSubscription, jmap::Fault> patch_push_subscription(directory::PushSubscription subscription,
                                                                         const json::object& patch, Timestamp now);

} // namespace tegami::jmapd
