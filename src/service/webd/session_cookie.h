// The cookie that a browser is signed in with (RFC 6265). Its name begins with __Host-: browsers take it from our very name
// alone, under TLS and for all paths, so that no other host below the same domain can put one in its place.
#pragma once

#include "net/http.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::webd {

/// Limit: octets of a token.
inline constexpr std::size_t kTokenBytesMax = 100;

/// The token in a field Cookie (§4.2.1); nothing if there is none, or two.
std::optional<std::string> token_in_cookies(std::string_view field);
/// That of a request; nothing if there is none, or two.
std::optional<std::string> token_of(const net::HttpRequest& request);

/// The value of Set-Cookie that gives a browser the token, for as long as a session may rest.
std::string set_cookie(std::string_view token);
/// The same that takes it away.
std::string clear_cookie();

} // namespace tegami::webd
