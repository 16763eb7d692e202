// The query of a request's target (RFC 3986 §3.4), as far as it names an address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tegami::discovery {

/// The first value with this name, in any case of letters, behind the "?" of a target; nothing if there is none, or a
/// "%" in it is no octet. A "+" stands for itself, since programs write it so in addresses.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

/// The octets that a text with "%" and two digits stands for (RFC 3986 §2.1); nothing if a "%" is no octet.
std::optional<std::string> decode_percent(std::string_view text);

/// The text with "%" and two digits for all but unreserved characters (RFC 3986 §2.3) and "@".
std::string encode_query_value(std::string_view text);

} // namespace tegami::discovery
