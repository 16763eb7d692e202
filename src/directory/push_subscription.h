// A push subscription: where a program or a browser is told of changes while it is not connected (RFC 8620 §7.2).
#pragma once

#include "base/clock.h"
#include "directory/credentials.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

/// Limit: subscriptions of one account.
inline constexpr std::size_t kPushSubscriptionsMax = 32;
/// Limit: how long one lasts without being renewed.
inline constexpr auto kPushSubscriptionTime = std::chrono::days(90);

/// What a subscription was made with, and ends with.
struct PushOwner {
    std::string web_session{};             ///< empty: none
    std::string app_password{};            ///< empty: none
    std::uint64_t credentials_version = 0; ///< of the account's password, where it is neither

    bool operator==(const PushOwner&) const = default;
};

/// `web_session`: that of a browser; empty: a password was shown.
PushOwner push_owner(const Identity& identity, std::string_view web_session);

struct PushSubscription {
    std::string id{};
    PushOwner owner{};
    std::string device{}; ///< deviceClientId
    std::string url{};
    std::string public_key{}; ///< what messages are encrypted with; empty, as is `secret`: they are not
    std::string secret{};
    std::string code{}; ///< that the client has to show before anything else is sent
    bool verified = false;
    Timestamp expires{};
    std::optional<std::vector<std::string>> types{}; ///< nothing: all

    bool operator==(const PushSubscription&) const = default;
};

} // namespace tegami::directory
