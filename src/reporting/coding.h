// What the coding of this room's octets and letters shares. Private to it.
#pragma once

#include "base/ip_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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

/// FNV-1a: the same for the same text, and spread. Not for secrets.
inline std::uint64_t digest_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

/// The same in sixteen hexadecimal digits.
inline std::string hex_digest(std::string_view text) {
    return fmt::format("{:016x}", digest_of(text));
}

/// "20261126".
inline std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

} // namespace tegami::reporting
