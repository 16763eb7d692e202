#include "message/address_literal.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace tegami::message {
namespace {

constexpr std::size_t kGroups = 8;

std::optional<std::array<std::uint16_t, 4>> parse_ipv4(std::string_view text) {
    const auto pieces = ascii::split(text, '.');
    if (pieces.size() != 4) return std::nullopt;
    std::array<std::uint16_t, 4> octets{};
    for (std::size_t at = 0; at < 4; ++at) {
        const auto number = ascii::parse_number<std::uint16_t>(pieces[at]);
        const bool leading_zero = pieces[at].size() > 1 && pieces[at].front() == '0';
        if (!number || *number > 255 || leading_zero) return std::nullopt;
        octets[at] = *number;
    }
    return octets;
}

/// The groups in a text of groups separated by single colons; an IPv4 address counts as two, and must come last.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text) {
    std::vector<std::uint16_t> groups;
    if (text.empty()) return groups;
    const auto pieces = ascii::split(text, ':');
    for (std::size_t at = 0; at < pieces.size(); ++at) {
        if (pieces[at].contains('.')) {
            const auto octets = parse_ipv4(pieces[at]);
            if (!octets || at + 1 != pieces.size()) return std::nullopt;
            groups.push_back(static_cast<std::uint16_t>((*octets)[0] << 8 | (*octets)[1]));
            groups.push_back(static_cast<std::uint16_t>((*octets)[2] << 8 | (*octets)[3]));
            continue;
        }
        if (pieces[at].empty() || pieces[at].size() > 4) return std::nullopt;
        unsigned value = 0;
        for (const char c : pieces[at]) {
            if (!ascii::is_hex_digit(c)) return std::nullopt;
            value = value * 16 + static_cast<unsigned>(ascii::hex_value(c));
        }
        groups.push_back(static_cast<std::uint16_t>(value));
    }
    return groups;
}

/// RFC 5952 §4: the longest run of two or more zero groups, the first of equals, becomes "::".
std::string print_groups(const std::vector<std::uint16_t>& groups) {
    std::size_t best = 0;
    std::size_t best_length = 1;
    for (std::size_t at = 0; at < kGroups;) {
        std::size_t end = at;
        while (end < kGroups && groups[end] == 0)
            ++end;
        if (end - at > best_length) best = at, best_length = end - at;
        at = std::max(end, at + 1);
    }
    std::string out;
    for (std::size_t at = 0; at < kGroups; ++at) {
        if (best_length > 1 && at == best) {
            out += "::";
            at += best_length - 1;
            continue;
        }
        if (!out.empty() && !out.ends_with(':')) out += ':';
        out += fmt::format("{:x}", groups[at]);
    }
    return out;
}

} // namespace

std::optional<std::string> canonical_ipv4(std::string_view text) {
    if (!parse_ipv4(text)) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> canonical_ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    auto groups = parse_groups(text.substr(0, gap));
    if (!groups) return std::nullopt;
    if (gap != text.npos) {
        if (text.substr(0, gap).contains('.')) return std::nullopt;
        const auto after = parse_groups(text.substr(gap + 2));
        if (!after || groups->size() + after->size() >= kGroups) return std::nullopt;
        groups->resize(kGroups - after->size());
        groups->insert(groups->end(), after->begin(), after->end());
    }
    if (groups->size() != kGroups) return std::nullopt;
    return print_groups(*groups);
}

} // namespace tegami::message
