#include "net/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace tegami::net {

namespace {

std::optional<IpAddress> address_of(const sockaddr* socket) {
    if (!socket) return std::nullopt;
    if (socket->sa_family == AF_INET) {
        IpAddress::V4Octets octets{};
        std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in*>(socket)->sin_addr, octets.size());
        return IpAddress::v4(octets);
    }
    if (socket->sa_family == AF_INET6) {
        IpAddress::V6Octets octets{};
        std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in6*>(socket)->sin6_addr, octets.size());
        return IpAddress::v6(octets);
    }
    return std::nullopt;
}

} // namespace

std::vector<IpAddress> local_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs* each = list; each; each = each->ifa_next) {
        if ((each->ifa_flags & IFF_UP) == 0) continue;
        if (const auto address = address_of(each->ifa_addr)) addresses.push_back(*address);
    }
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
    return addresses;
}

} // namespace tegami::net
