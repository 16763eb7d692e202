// The addresses that a name has in the DNS.
#pragma once

#include "base/ip_address.h"
#include "net/resolver.h"

#include <string>
#include <vector>

namespace tegami::app {

/// IPv6 first; none if there are none, or the DNS does not answer. The resolver outlives the call.
async::Awaitable<std::vector<IpAddress>> addresses_of(net::Resolver* resolver, std::string host);

} // namespace tegami::app
