// Where a connection comes from or goes to.
#pragma once

#include "base/ip_address.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

using tegami::IpAddress;
using tegami::IpNetwork;

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    /// "192.0.2.1:25" or "[2001:db8::1]:25".
    static std::optional<Endpoint> parse(std::string_view text);
    std::string to_string() const;

    auto operator<=>(const Endpoint&) const = default;
};

} // namespace tegami::net
