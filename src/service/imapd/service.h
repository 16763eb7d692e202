// The IMAP server's door (RFC 9051, RFC 3501): one call serves one connection from greeting to end.
// README.md lists what every session keeps to, and why.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "directory/authenticator.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/tls_mode.h"
#include "sharing/shares.h"
#include "store/journey.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace tegami::imapd {

/// What one connection may cost.
struct Limits {
    /// Limit: RFC 9051 §5.4: a client that has not logged in.
    Duration login_timeout = std::chrono::minutes(3);
    /// Limit: RFC 9051 §5.4: at least 30 minutes.
    Duration idle_timeout = std::chrono::minutes(31);
    /// Limit: a TLS handshake, and one batch of an answer that the client does not take.
    Duration write_timeout = std::chrono::minutes(5);
    /// Limit: commands that are not understood, in all before login, in a row after it; then the connection ends.
    unsigned bad_commands_before_login = 5;
    unsigned bad_commands = 50;
    /// Limit: failed logins of one connection.
    unsigned login_failures = 3;
    /// Limit: commands before login, so that NOOP does not hold a place for ever.
    unsigned commands_before_login = 50;
    /// Limit: messages of one APPEND: so many fit into one commit of the store, so that all of them are there or none
    /// (RFC 3502 §6.3.11).
    std::size_t append_messages_max = 5000;
};

/// What all connections share; made by app/, outlives them. Safe to use from any thread.
struct Dependencies {
    store::Store* store;
    store::Journeys* journeys;
    directory::Authenticator* authenticator;
    sharing::Shares* shares;
    /// Null where there is no certificate: no STARTTLS then.
    const net::CurrentTlsServerContext* tls;
    MemoryBudget* memory;
    async::WorkerPool* workers;
    async::Timers* timers;
    RandomSource* random;
    Log* log;
    /// For the greeting.
    std::string host_name;
    Limits limits;
    DurationHistogram* command_times = nullptr; ///< of all commands but IDLE; nothing: they are not counted
};

using net::TlsMode;

/// What differs between listeners, and what a connection keeps of the settings that it began with.
struct ListenerOptions {
    TlsMode tls = TlsMode::implicit;
    /// Passwords without TLS; for listeners on loopback only.
    bool password_without_tls = false;
    /// The largest message that APPEND takes; announced as APPENDLIMIT.
    std::uint64_t append_bytes_max = 64 * 1024 * 1024;
};

/// Serves the connection until it ends; throws only what the cancellation of its task throws. One that is not
/// `admitted` is told so and ends (RFC 9051 §7.1.5).
async::Awaitable<> serve_imap(Dependencies* service, std::unique_ptr<net::Stream> stream, ListenerOptions options,
                              bool admitted = true);

} // namespace tegami::imapd
