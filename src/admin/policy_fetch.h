// The policy of a domain (MTA-STS) as other servers get it, for who wants to know whether they do.
#pragma once

#include "async/timer.h"
#include "dns_setup/facts.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/tls_context.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace tegami::admin {

/// Limit: what the fetch may take.
inline constexpr auto kPolicyFetchTime = std::chrono::seconds(15);

/// What it takes to fetch policies.
struct PolicyFetching {
    net::Network* network = nullptr;                    ///< null: none is fetched
    std::shared_ptr<const net::TlsClientContext> tls{}; ///< whose authorities prove the server
    std::uint16_t port = 443;
};

/// Nothing if the name has no address: then nobody gets that far. All that pointers point to outlives the call.
async::Awaitable<std::optional<dns_setup::FetchedPolicy>>
fetch_policy(const PolicyFetching* with, async::Timers* timers, net::Resolver* resolver, dns::Name host);

} // namespace tegami::admin
