// What the parts of the relay are given.
#pragma once

#include "base/log.h"
#include "delivery/delivery.h"
#include "directory/lookup.h"
#include "net/host_endpoints.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "relay/retry_plan.h"
#include "relay/smarthost.h"
#include "reporting/tls_counter.h"
#include "signing/signatures.h"
#include "store/journey.h"
#include "store/queue.h"
#include "trust/srs/rewriter.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::relay {

struct RelayOptions {
    std::string host_name;
    RetryPlan retry;
    /// Of other domains' servers; not 25 only where servers are tried out without root.
    std::uint16_t remote_port = 25;
    /// Of the servers that have other domains' policies (MTA-STS); 443, likewise.
    std::uint16_t policy_port = 443;
    net::AddressCheck policy_reach = net::is_of_internet; ///< where those may be
    std::vector<Smarthost> smarthosts{};
};

struct Dependencies {
    store::Store& store;
    store::Queue& queue;
    store::Journeys& journeys;
    directory::Lookup& directory;
    delivery::Delivery& delivery;
    signing::Signatures& signatures; ///< for reports
    const srs::Rewriter& return_paths;
    net::Network& network;
    net::Resolver& resolver;
    std::shared_ptr<const net::TlsClientContext> tls; ///< opportunistic; null: there is no TLS, and no MTA-STS
    async::Timers& timers;
    RandomSource& random;
    Log& log;
    reporting::TlsCounter* tls_counter = nullptr; ///< null: nobody gets reports about TLS
};

} // namespace tegami::relay
