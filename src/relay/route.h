// Where mail for a domain goes: its mail exchangers in the order in which to try them (RFC 5321 §5.1).
#pragma once

#include "async/awaitable.h"
#include "base/random.h"
#include "base/result.h"
#include "message/domain.h"
#include "net/address.h"
#include "net/resolver.h"

#include <string>
#include <vector>

namespace tegami::relay {

/// Limit: mail exchangers of one domain that are tried, and addresses altogether; the most preferred ones.
inline constexpr std::size_t kExchangersMax = 20;
inline constexpr std::size_t kTargetsMax = 40;

/// One server to try.
struct Target {
    std::string host; ///< name of the exchanger, or the address literal
    net::Endpoint endpoint;

    bool operator==(const Target&) const = default;
};

struct Route {
    std::vector<Target> targets;      ///< best first, never empty
    std::vector<std::string> answers; ///< what the DNS said, in words
};

struct NoRoute {
    bool permanent = false;
    std::string status; ///< enhanced status (RFC 3463)
    std::string text;   ///< plain words
    std::vector<std::string> answers;
};

struct RouteQuestion {
    message::Domain domain;
    std::string own_host_name; ///< exchangers from ourselves on are left out: mail would come back (RFC 5321 §5.1)
    std::uint16_t port = 25;
};

/// MX in order of preference, random among equals; without MX the domain's own addresses (implicit MX); a null MX
/// (RFC 7505) and a domain that does not exist are permanent. IPv6 before IPv4 for each exchanger. An address literal
/// needs no DNS.
async::Awaitable<Result<Route, NoRoute>> find_route(net::Resolver* resolver, RandomSource* random,
                                                    RouteQuestion question);

} // namespace tegami::relay
