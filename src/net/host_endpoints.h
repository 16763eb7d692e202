// Where a host of somebody else answers, and whether it may be asked: a name that a stranger chose can lead anywhere.
#pragma once

#include "net/address.h"
#include "net/resolver.h"
#include "protocol/dns/name.h"

#include <cstdint>
#include <vector>

namespace tegami::net {

/// Whether an address may be connected to.
using AddressCheck = bool (*)(const IpAddress& address);

/// Those of hosts of the Internet alone (base/address_reach.h).
bool is_of_internet(const IpAddress& address);
/// Those, and this machine's loopback: where servers are tried out.
bool is_of_internet_or_loopback(const IpAddress& address);

struct HostEndpoints {
    std::vector<Endpoint> reachable; ///< IPv6 first
    bool refused = false;            ///< there are others, and none that may be connected to

    bool operator==(const HostEndpoints&) const = default;
};

/// The addresses of a host at a port. The connection has to go to one of them, so that no second answer of a name server
/// changes where it leads.
async::Awaitable<HostEndpoints> find_endpoints(Resolver* resolver, dns::Name host, std::uint16_t port,
                                               AddressCheck may_reach);

} // namespace tegami::net
