// Who asks a push service to deliver something, and for how long that counts (RFC 8292).
#pragma once

#include "base/clock.h"
#include "p256/key.h"

#include <chrono>
#include <string>

namespace tegami::web_push {

/// How long a claim counts; no push service takes one of more than a day (RFC 8292 §2).
inline constexpr auto kClaimTime = std::chrono::hours(12);

struct Claim {
    std::string audience; ///< the origin of the push service: "https://push.example.net"
    std::string contact;  ///< of whoever runs this server: a mailto: or https: address
    Timestamp expires{};
};

/// The value of the field Authorization.
std::string vapid_authorization(const p256::Key& key, const Claim& claim);

/// The public key as clients are told it (RFC 9749 §3).
std::string application_server_key(const p256::Key& key);

} // namespace tegami::web_push
