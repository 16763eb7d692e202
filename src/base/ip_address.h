// IPv4 and IPv6 addresses and networks as values: for trusted networks, DNS records, SPF, trace headers and logs.
// Sockets are net's.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami {

class IpAddress {
public:
    using V4Octets = std::array<std::uint8_t, 4>;
    using V6Octets = std::array<std::uint8_t, 16>;

    /// 0.0.0.0
    constexpr IpAddress() = default;
    static IpAddress v4(V4Octets octets);
    static IpAddress v6(V6Octets octets);
    /// "192.0.2.1" or "2001:db8::1"; no brackets, no zone, no leading zeros in IPv4.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const { return !is_v6_; }

    bool is_v6() const { return is_v6_; }

    /// 127.0.0.0/8 or ::1.
    bool is_loopback() const;
    /// 0.0.0.0 or ::.
    bool is_unspecified() const;
    /// ::ffff:192.0.2.1 as 192.0.2.1; any other address as it is.
    IpAddress unmapped() const;
    /// The 4 or 16 octets in network order.
    std::string_view octets() const;
    V4Octets v4_octets() const;

    V6Octets v6_octets() const { return octets_; }

    /// IPv6 in the form of RFC 5952 §4.
    std::string to_string() const;

    auto operator<=>(const IpAddress&) const = default;

private:
    bool is_v6_ = false;
    V6Octets octets_{}; // IPv4 in the first four
};

/// The addresses that share their first bits with one.
class IpNetwork {
public:
    /// "192.0.2.0/24", "2001:db8::/32", or one address. Bits beyond the prefix must be zero.
    static std::optional<IpNetwork> parse(std::string_view text);
    /// The network of `address` with a prefix of `bits`; nothing if the address has not as many.
    static std::optional<IpNetwork> of(IpAddress address, unsigned bits);

    /// Whether the address, unmapped, is one of the network's.
    bool contains(const IpAddress& address) const;
    std::string to_string() const;

    unsigned prefix_bits() const { return bits_; }

    bool is_v6() const { return address_.is_v6(); }

    bool operator==(const IpNetwork&) const = default;

private:
    IpNetwork(IpAddress address, unsigned bits) : address_(address), bits_(bits) {}

    IpAddress address_;
    unsigned bits_;
};

} // namespace tegami
