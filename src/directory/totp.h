// One-time passwords by the clock (RFC 6238): six digits, HMAC-SHA-1, steps of 30 seconds, which is what all authenticator
// apps do. Pure.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// RFC 6238 §4.1: X
inline constexpr auto kTotpStep = std::chrono::seconds(30);
/// How many steps a clock may be wrong by, either way (RFC 6238 §5.2).
inline constexpr std::uint64_t kTotpStepsAround = 1;

/// 160 bits, as RFC 4226 §4 recommends.
std::string new_totp_secret(RandomSource& random);
/// The code of a step (RFC 4226 §5.3).
std::string totp_code(std::string_view secret, std::uint64_t step);
std::uint64_t totp_step_at(Timestamp moment);
/// The step whose code this is, around now and after `last_used`; nothing: it is none that counts.
std::optional<std::uint64_t> find_totp_step(std::string_view secret, std::string_view code, std::uint64_t last_used,
                                            Timestamp now);

/// RFC 4648 §6, without padding: how a secret is typed into an app.
std::string base32(std::string_view octets);
/// What apps read from a QR code. `issuer` is what they show the account under, such as the server's host name.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account);

} // namespace tegami::directory
