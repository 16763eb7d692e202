// What others fetch of a domain over HTTPS, for who wants to know whether they can: its policy (MTA-STS), as other servers
// get it, and its settings (autoconfig), as mail programs do.
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

/// Limit: what a fetch may take.
inline constexpr auto kPolicyFetchTime = std::chrono::seconds(15);

/// What it takes to fetch them.
struct PageFetching {
    net::Network* network = nullptr;                    ///< null: nothing is fetched
    std::shared_ptr<const net::TlsClientContext> tls{}; ///< whose authorities prove the server
    std::uint16_t port = 443;
};

/// What mta-sts.DOMAIN serves. Nothing if the name has no address: then nobody gets that far. All that pointers point to
/// outlives the call.
async::Awaitable<std::optional<dns_setup::FetchedPage>> fetch_policy(const PageFetching* with, async::Timers* timers,
                                                                     net::Resolver* resolver, message::Domain domain);
/// What autoconfig.DOMAIN serves; likewise.
async::Awaitable<std::optional<dns_setup::FetchedPage>> fetch_settings(const PageFetching* with, async::Timers* timers,
                                                                       net::Resolver* resolver, message::Domain domain);

} // namespace tegami::admin
