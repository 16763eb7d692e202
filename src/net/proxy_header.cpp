#include "net/proxy_header.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tegami::net {

namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::string_view kTextBegin = "PROXY ";
/// Version 1: with its line end (§2.1).
constexpr std::size_t kTextBytesMax = 107;
/// Version 2: signature, version and command, family, length (§2.2).
constexpr std::size_t kBinaryHeadBytes = 16;

std::uint16_t number16(std::string_view octets, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[at]) << 8U |
                                      static_cast<unsigned char>(octets[at + 1]));
}

template <class Octets>
Octets address_octets(std::string_view octets, std::size_t at) {
    Octets address{};
    std::ranges::transform(octets.substr(at, address.size()), address.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    return address;
}

} // namespace

bool ProxyHeaderReader::take(std::string_view octets) {
    if (octets.size() > wanted_) return false;
    octets_ += octets;
    wanted_ -= octets.size();
    if (wanted_ != 0) return true;
    return octets_.starts_with(kSignature) ? take_binary() : take_text();
}

/// "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443", "PROXY UNKNOWN …".
bool ProxyHeaderReader::take_text() {
    if (!octets_.starts_with(kTextBegin)) return false;
    if (!octets_.ends_with("\r\n")) {
        wanted_ = 1;
        return octets_.size() < kTextBytesMax;
    }
    const std::string_view line = std::string_view(octets_).substr(0, octets_.size() - 2);
    const std::vector<std::string_view> words = ascii::split(line, ' ');
    if (words[1] == "UNKNOWN") return true;
    if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) return false;
    const auto address = IpAddress::parse(words[2]);
    const auto port = ascii::parse_number<std::uint16_t>(words[4]);
    if (!address || !port || address->is_v6() != (words[1] == "TCP6")) return false;
    client_ = Endpoint{.address = address->unmapped(), .port = *port};
    return true;
}

bool ProxyHeaderReader::take_binary() {
    constexpr unsigned kLocal = 0x20;
    constexpr unsigned kProxy = 0x21;
    constexpr unsigned kTcp4 = 0x11;
    constexpr unsigned kTcp6 = 0x21;
    constexpr std::size_t kAddresses4 = 12;
    constexpr std::size_t kAddresses6 = 36;
    if (octets_.size() < kBinaryHeadBytes) {
        wanted_ = kBinaryHeadBytes - octets_.size();
        return true;
    }
    const auto command = static_cast<unsigned char>(octets_[12]);
    const auto family = static_cast<unsigned char>(octets_[13]);
    const std::size_t length = number16(octets_, 14);
    if ((command != kLocal && command != kProxy) || length > kProxyHeaderBytesMax - kBinaryHeadBytes) return false;
    if (octets_.size() < kBinaryHeadBytes + length) {
        wanted_ = kBinaryHeadBytes + length - octets_.size();
        return true;
    }
    if (command == kLocal) return true;
    if ((family == kTcp4 && length < kAddresses4) || (family == kTcp6 && length < kAddresses6)) return false;
    if (family == kTcp4)
        client_ = Endpoint{.address = IpAddress::v4(address_octets<IpAddress::V4Octets>(octets_, 16)),
                           .port = number16(octets_, 24)};
    if (family == kTcp6)
        client_ = Endpoint{.address = IpAddress::v6(address_octets<IpAddress::V6Octets>(octets_, 16)).unmapped(),
                           .port = number16(octets_, 48)};
    return true;
}

async::Awaitable<IoResult<>> take_proxy_header(Stream* stream) {
    ProxyHeaderReader reader;
    while (reader.wanted() != 0) {
        std::string octets(reader.wanted(), '\0');
        const IoResult<std::size_t> size = co_await stream->read_some(octets.data(), octets.size());
        if (!size) co_return failure(size.error());
        octets.resize(*size);
        if (!reader.take(octets)) co_return failure(IoError::failed);
    }
    if (reader.client()) stream->set_remote_endpoint(*reader.client());
    co_return IoResult<>();
}

} // namespace tegami::net
