// The SMTP server: port 25 (RFC 5321) and submission (RFC 6409). Drives protocol/smtp's ServerSession: performs its
// actions on a stream and gives it the answers of directory, reception and delivery.
//
// 1. `250` to the end of DATA is written only after Delivery::accept has returned (acknowledged means durable).
// 2. A message streams into its blob; a connection holds one read buffer while octets come and none while it waits.
// 3. Whatever ends a connection ends it alone.
// It decides nothing about syntax (protocol/smtp), permission (reception) or destination (delivery).
#pragma once

#include "async/timer.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "delivery/delivery.h"
#include "directory/authenticator.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/tls_mode.h"
#include "protocol/smtp/server_session.h"
#include "reception/reception.h"
#include "reporting/dmarc_counter.h"
#include "signing/signatures.h"
#include "store/journey.h"
#include "store/store.h"
#include "trust/dkim/key_cache.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tegami::smtpd {

/// What can change by a reload; a connection keeps what it began with.
struct Settings {
    std::string host_name;
    message::Domain default_domain;
    std::uint64_t message_bytes_max = 50ull << 20;
    std::size_t recipients_max = 1000;
    /// May relay without logging in, on port 25.
    std::vector<IpNetwork> trusted_networks;
    /// What they found out about a letter before they passed it on counts (ARC).
    std::set<message::Domain> trusted_sealers;
};

struct Dependencies {
    directory::Authenticator& authenticator;
    reception::Reception& reception;
    delivery::Delivery& delivery;
    store::Store& store;
    store::Journeys& journeys;
    net::CurrentTlsServerContext& tls;
    MemoryBudget& memory;
    async::WorkerPool& workers;
    net::Resolver& resolver;
    dkim::KeyCache& sender_keys;
    signing::Signatures& signatures;
    async::Timers& timers;
    RandomSource& random;
    Log& log;
    reporting::DmarcCounter* dmarc_counter = nullptr; ///< null: nobody gets reports
};

using net::TlsMode;

struct Listener {
    reception::Role role = reception::Role::mx;
    TlsMode tls = TlsMode::starttls;
    bool password_without_tls = false;
};

/// Serves one connection to its end. `admitted` is false if there are too many: the client is told so (421).
/// `service` outlives the call.
async::Awaitable<> serve(const Dependencies* service, std::shared_ptr<const Settings> settings, Listener listener,
                         std::unique_ptr<net::Stream> stream, bool admitted);

} // namespace tegami::smtpd
