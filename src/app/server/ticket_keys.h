// The keys of TLS session tickets live for a day: whoever gets hold of one cannot read what was said longer ago.
#pragma once

#include "async/timer.h"
#include "net/tls_context.h"

#include <chrono>

namespace tegami::app {

inline constexpr auto kTicketKeyTime = std::chrono::hours(24);

/// Gives the current context new keys whenever kTicketKeyTime is over, until it is cancelled. Runs on the thread that
/// sets the context after a reload, so that neither undoes the other's work. Both outlive it.
async::Awaitable<> renew_ticket_keys(net::CurrentTlsServerContext* current, async::Timers* timers);

} // namespace tegami::app
