// Whom an address reaches: everybody, or this machine, its networks and nobody (RFC 6890, and IANA's registries of
// special-purpose addresses).
#pragma once

#include "base/ip_address.h"

#include <cstdint>

namespace tegami {

enum class Reach : std::uint8_t {
    inside,   ///< this machine, the link, a private network, many at once, or nothing that is known
    example,  ///< for documents (RFC 5737, RFC 3849, RFC 9637): public by its form, and nobody's
    internet, ///< a host that everybody reaches under the same address
};

/// ::ffff:10.0.0.1 is judged as 10.0.0.1. An address that only carries another one (NAT64, 6to4, Teredo) is `inside`: where
/// it leads is not known here.
Reach reach_of(const IpAddress& address);

} // namespace tegami
