// For whom a proxy in front of us asks: Forwarded (RFC 7239), or X-Forwarded-For and X-Forwarded-Proto.
//
// 1. The word of those alone counts whose address is trusted: of a list the last entry is what the nearest proxy saw, and
//    each one before it counts if the proxy that the entry behind it names is trusted too.
// 2. A proxy passes on what its client has sent in a field that it does not know itself. So where both kinds of fields
//    are there and do not name the same client, neither counts.
#pragma once

#include "base/ip_address.h"
#include "net/http.h"

#include <optional>
#include <span>

namespace tegami::net {

/// What there is no word of is not known.
struct ForwardedClient {
    std::optional<IpAddress> client;
    std::optional<bool> secure; ///< whether the client itself came under TLS

    bool operator==(const ForwardedClient&) const = default;
};

/// Nothing if `request.client` is not trusted, or says nothing.
std::optional<ForwardedClient> forwarded_for(const HttpRequest& request, std::span<const IpNetwork> trusted);

/// Whether one of the networks has the address.
bool is_in_networks(std::span<const IpNetwork> networks, const IpAddress& address);

} // namespace tegami::net
