// The IP addresses in address literals (RFC 5321 §4.1.3), in one canonical spelling each. Only domain.h uses it: rooms
// that talk to addresses have types of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

/// Four decimal numbers without leading zeros, as they were given; nothing for anything else.
std::optional<std::string> canonical_ipv4(std::string_view text);

/// The address of RFC 4291 §2.2 in the spelling of RFC 5952 §4 (an embedded IPv4 address becomes hexadecimal).
std::optional<std::string> canonical_ipv6(std::string_view text);

} // namespace tegami::message
