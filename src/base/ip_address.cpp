#include "base/ip_address.h"

#include "base/ascii.h"

#include <algorithm>
#include <charconv>

namespace tegami {

namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;

constexpr std::size_t kV6Groups = 8;

std::optional<IpAddress::V4Octets> parse_v4(std::string_view text) {
    IpAddress::V4Octets octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const bool last = i + 1 == octets.size();
        const std::size_t dot = last ? text.size() : text.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const std::string_view number = text.substr(0, dot);
        const auto octet = ascii::parse_number<std::uint8_t>(number);
        // 010 is 8 to some readers and 10 to others.
        if (!octet || (number.size() > 1 && number.front() == '0')) return std::nullopt;
        octets[i] = *octet;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return octets;
}

/// The groups between colons as octets. Those at the end of an address may end with an IPv4 one (RFC 4291 §2.2).
std::optional<std::string> parse_v6_groups(std::string_view text, bool at_end) {
    std::string octets;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (at_end && colon == std::string_view::npos && group.contains('.')) {
            const auto tail = parse_v4(group);
            if (!tail) return std::nullopt;
            octets.append(tail->begin(), tail->end());
            break;
        }
        if (group.empty() || group.size() > 4 || octets.size() >= 2 * kV6Groups) return std::nullopt;
        unsigned value = 0;
        for (const char digit : group) {
            if (!ascii::is_hex_digit(digit)) return std::nullopt;
            value = value * 16 + static_cast<unsigned>(ascii::hex_value(digit));
        }
        octets += static_cast<char>(value >> 8);
        octets += static_cast<char>(value & 0xff);
        if (colon == std::string_view::npos) break;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt; // a colon at the end
    }
    return octets;
}

std::optional<IpAddress::V6Octets> parse_v6(std::string_view text) {
    IpAddress::V6Octets octets{};
    const std::size_t gap = text.find("::");
    const auto front = parse_v6_groups(text.substr(0, gap), gap == std::string_view::npos);
    if (!front) return std::nullopt;
    std::optional<std::string> back = "";
    if (gap == std::string_view::npos) {
        if (front->size() != octets.size()) return std::nullopt;
    } else {
        back = parse_v6_groups(text.substr(gap + 2), true);
        if (!back || front->size() + back->size() > octets.size() - 2) return std::nullopt;
    }
    std::ranges::copy(*front, octets.begin());
    std::ranges::copy(*back, octets.end() - static_cast<std::ptrdiff_t>(back->size()));
    return octets;
}

std::string print_v4(const std::uint8_t* octets) {
    std::string text;
    for (std::size_t i = 0; i < 4; ++i)
        text += (i == 0 ? "" : ".") + std::to_string(octets[i]);
    return text;
}

/// RFC 5952 §4: lower case, no leading zeros, the longest run
/// of at least two zero groups (the first of equals) as "::".
std::string print_v6(const IpAddress::V6Octets& octets) {
    std::array<unsigned, kV6Groups> groups{};
    for (std::size_t i = 0; i < kV6Groups; ++i)
        groups[i] = octets[2 * i] * 256u + octets[2 * i + 1];
    std::size_t gap = kV6Groups;
    std::size_t gap_length = 1;
    for (std::size_t start = 0; start < kV6Groups; ++start) {
        std::size_t end = start;
        while (end < kV6Groups && groups[end] == 0)
            ++end;
        if (end - start > gap_length) {
            gap = start;
            gap_length = end - start;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < kV6Groups;) {
        if (i == gap) {
            text += "::";
            i += gap_length;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        std::array<char, 4> digits{};
        const auto end = std::to_chars(digits.begin(), digits.end(), groups[i], 16).ptr;
        text.append(digits.begin(), end);
        ++i;
    }
    return text;
}

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const IpAddress::V6Octets& octets) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin());
}

bool bits_are_zero_from(std::string_view octets, unsigned bits) {
    for (std::size_t i = bits / 8; i < octets.size(); ++i) {
        const unsigned kept = i == bits / 8 ? bits % 8 : 0;
        if ((static_cast<unsigned char>(octets[i]) & (0xffu >> kept)) != 0) return false;
    }
    return true;
}

} // namespace

IpAddress IpAddress::v4(V4Octets octets) {
    IpAddress address;
    std::ranges::copy(octets, address.octets_.begin());
    return address;
}

IpAddress IpAddress::v6(V6Octets octets) {
    IpAddress address;
    address.is_v6_ = true;
    address.octets_ = octets;
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.contains(':')) return parse_v6(text).transform(&IpAddress::v6);
    return parse_v4(text).transform(&IpAddress::v4);
}

bool IpAddress::is_loopback() const {
    if (is_v4()) return octets_[0] == 127;
    V6Octets loopback{};
    loopback[15] = 1;
    return octets_ == loopback;
}

bool IpAddress::is_unspecified() const {
    return octets_ == V6Octets{};
}

IpAddress IpAddress::unmapped() const {
    if (is_v4() || !is_mapped(octets_)) return *this;
    return v4({octets_[12], octets_[13], octets_[14], octets_[15]});
}

std::string_view IpAddress::octets() const {
    return {reinterpret_cast<const char*>(octets_.data()), is_v6_ ? octets_.size() : 4};
}

IpAddress::V4Octets IpAddress::v4_octets() const {
    return {octets_[0], octets_[1], octets_[2], octets_[3]};
}

std::string IpAddress::to_string() const {
    if (is_v4()) return print_v4(octets_.data());
    if (is_mapped(octets_)) return "::ffff:" + print_v4(octets_.data() + kMappedPrefix.size());
    return print_v6(octets_);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return IpNetwork(*address, address->is_v4() ? kV4Bits : kV6Bits);
    const auto bits = ascii::parse_number<unsigned>(text.substr(slash + 1));
    return bits ? of(*address, *bits) : std::nullopt;
}

std::optional<IpNetwork> IpNetwork::of(IpAddress address, unsigned bits) {
    if (bits > (address.is_v4() ? kV4Bits : kV6Bits) || !bits_are_zero_from(address.octets(), bits))
        return std::nullopt;
    return IpNetwork(address, bits);
}

bool IpNetwork::contains(const IpAddress& address) const {
    const IpAddress plain = address.unmapped();
    if (plain.is_v4() != address_.is_v4()) return false;
    const std::string_view ours = address_.octets();
    const std::string_view theirs = plain.octets();
    const std::size_t whole = bits_ / 8;
    if (ours.substr(0, whole) != theirs.substr(0, whole)) return false;
    if (bits_ % 8 == 0) return true;
    const unsigned difference = static_cast<unsigned char>(ours[whole]) ^ static_cast<unsigned char>(theirs[whole]);
    return (difference >> (8 - bits_ % 8)) == 0;
}

std::string IpNetwork::to_string() const {
    return address_.to_string() + "/" + std::to_string(bits_);
}

} // namespace tegami
