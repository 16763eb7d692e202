// Writes what the previous release (schema 1) does not know as that release has it, so that it can open the store
// again. docs/formats/engine_rocksdb.md says what differs. It runs on an engine that nobody else uses, and may be run
// again.
#pragma once

#include "async/awaitable.h"
#include "store/engine/engine.h"

#include <cstdint>

namespace tegami::store {

/// How many records of accounts were changed. What cannot be undeleted there, or was moved, loses the rest of its
/// retention time. Errors: unavailable, no_space.
async::Awaitable<StoreResult<std::uint64_t>> downgrade_accounts(Engine* engine);

} // namespace tegami::store
