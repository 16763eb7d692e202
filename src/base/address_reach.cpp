#include "base/address_reach.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace tegami {

namespace {

std::vector<IpNetwork> networks(std::initializer_list<const char*> texts) {
    std::vector<IpNetwork> all;
    for (const char* const text : texts)
        all.push_back(*IpNetwork::parse(text));
    return all;
}

bool is_in(const std::vector<IpNetwork>& any, const IpAddress& address) {
    return std::ranges::any_of(any, [&](const IpNetwork& network) { return network.contains(address); });
}

} // namespace

Reach reach_of(const IpAddress& address) {
    static const std::vector<IpNetwork> kExamples =
        networks({"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"});
    static const std::vector<IpNetwork> kInside =
        networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                  "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
                  // Of those that IANA has given to the Internet (2000::/3): protocols and Teredo, and 6to4.
                  "2001::/23", "2002::/16"});
    static const IpNetwork kGlobal = *IpNetwork::parse("2000::/3");
    const IpAddress plain = address.unmapped();
    if (is_in(kExamples, plain)) return Reach::example;
    if (is_in(kInside, plain)) return Reach::inside;
    return plain.is_v4() || kGlobal.contains(plain) ? Reach::internet : Reach::inside;
}

} // namespace tegami
