#include "base/ip_address.h"

#include "base/ascii.h"

#include <arpa/inet.h>

#include <algorithm>

namespace tegami {

namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;

/// Limit: the longest text of an address, an IPv6 one with an IPv4 tail.
constexpr std::size_t kTextBytesMax = INET6_ADDRSTRLEN;

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
    if (text.size() > kTextBytesMax || text.contains('\0')) return std::nullopt;
    const std::string terminated(text);
    if (text.contains(':')) {
        V6Octets octets;
        if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) != 1) return std::nullopt;
        return v6(octets);
    }
    V4Octets octets;
    if (inet_pton(AF_INET, terminated.c_str(), octets.data()) != 1) return std::nullopt;
    return v4(octets);
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
    constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (is_v4() || !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets_.begin())) return *this;
    return v4({octets_[12], octets_[13], octets_[14], octets_[15]});
}

std::string_view IpAddress::octets() const {
    return {reinterpret_cast<const char*>(octets_.data()), is_v6_ ? octets_.size() : 4};
}

IpAddress::V4Octets IpAddress::v4_octets() const {
    return {octets_[0], octets_[1], octets_[2], octets_[3]};
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(is_v6_ ? AF_INET6 : AF_INET, octets_.data(), text.data(), text.size());
    return text.data();
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
