// Addresses of the web that strangers write: http and https alone, with a host that has a name (RFC 3986).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

/// Limit: octets of an address.
inline constexpr std::size_t kWebUrlBytesMax = 4096;

struct WebUrl {
    bool secure = false; ///< https
    std::string host;    ///< a name in lower case, in A-labels, without a last dot
    std::uint16_t port = 80;
    std::string target; ///< path and query: "/a?b", in visible ASCII

    /// As the field Host has it (RFC 9110 §7.2): without the port that the scheme has.
    std::string authority() const;
    std::string to_string() const;

    bool operator==(const WebUrl&) const = default;
};

/// Nothing for what is none: another scheme, a user, a host that is an address in any spelling ("127.1", "0x7f000001", "[::1]"),
/// octets that are no visible ASCII. A fragment is left out.
std::optional<WebUrl> parse_web_url(std::string_view text);

/// What a reference (the field Location) means at `base` (RFC 3986 §5.2). Octets that no address has are encoded.
std::optional<WebUrl> resolve(const WebUrl& base, std::string_view reference);

} // namespace tegami::net
