// Tokens of programs (RFC 6750): an app password that stands alone in a field Authorization (directory/app_password.h).
#pragma once

#include "directory/authenticator.h"
#include "net/http.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webd {

/// Limit: octets of a token; ours have some 60.
inline constexpr std::size_t kBearerBytesMax = 200;

/// The token of a request (§2.1); nothing if it has none, or another credential beside it. One that is in no form of ours is one
/// all the same.
std::optional<std::string> bearer_token(const net::HttpRequest& request);

/// The challenge to who has shown nothing (§3).
std::string bearer_challenge();

/// What a token that was refused is answered with (§3.1).
struct TokenRefusal {
    unsigned status = 401;
    std::string challenge;
};

/// `scope`: what it would have to be for, "jmap" or "api".
TokenRefusal refuse_token(const directory::LoginFailure& failure, std::string_view scope);

} // namespace tegami::webd
