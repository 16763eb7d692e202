// Addresses that an authority names: HTTPS alone, with what a client needs of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::acme {

/// Limit: octets of an address.
inline constexpr std::size_t kUrlBytesMax = 1024;

struct Url {
    std::string host; ///< a name or an address, in lower case
    std::uint16_t port = 443;
    std::string authority; ///< as the field Host has it (RFC 9110 §7.2)
    std::string target;    ///< path and query

    bool operator==(const Url&) const = default;
};

/// `https://HOST[:PORT]/…`; nothing for anything else: another scheme, a user, a fragment, octets that no address has.
std::optional<Url> parse_url(std::string_view text);

} // namespace tegami::acme
