// What the coding of this room's octets shares. Private to it.
#pragma once

#include "base/ip_address.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace tegami::reporting {

/// The address with these 4 or 16 octets.
inline std::optional<IpAddress> address_of(std::string_view octets) {
    IpAddress::V4Octets v4{};
    IpAddress::V6Octets v6{};
    if (octets.size() == v4.size()) {
        std::ranges::copy(octets, v4.begin());
        return IpAddress::v4(v4);
    }
    if (octets.size() != v6.size()) return std::nullopt;
    std::ranges::copy(octets, v6.begin());
    return IpAddress::v6(v6);
}

} // namespace tegami::reporting
