// The addresses that this machine's interfaces have.
#pragma once

#include "base/ip_address.h"

#include <vector>

namespace tegami::net {

/// Of all interfaces that are up, IPv4 first, each once; loopback too. None if they cannot be read.
std::vector<IpAddress> local_addresses();

} // namespace tegami::net
