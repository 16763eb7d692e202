// After a store was restored whole from an earlier point: makes sure that what it gives out from now on was not given
// out by the store that is gone, whose clients come back.
//
// 1. Every mailbox gets a new UIDVALIDITY (RFC 9051 §2.3.1.1): clients load it anew. UIDs, flags and dates stay.
// 2. Numbers of emails and mailboxes (RFC 8474) go on from higher ones; versions are the engine's.
// 3. The change logs begin anew.
// It runs on an engine that nobody else uses, and may be run again.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/engine/engine.h"

#include <cstdint>

namespace tegami::store {

/// How many accounts there are. Damaged records are left for repair. Errors: unavailable, no_space.
async::Awaitable<StoreResult<std::uint64_t>> renew_accounts(Engine* engine, Clock* clock);

} // namespace tegami::store
