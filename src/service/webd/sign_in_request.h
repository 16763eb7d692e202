// What a person who signs in sends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webd {

/// Limit: octets of the whole; the longest login and password fit, also written with escapes.
inline constexpr std::size_t kSignInBytesMax = 8 * 1024;

struct SignInRequest {
    std::string username;
    std::string password;
};

/// An object with two texts, `username` and `password`; nothing if it is not that and only that.
std::optional<SignInRequest> parse_sign_in(std::string_view octets);

} // namespace tegami::webd
