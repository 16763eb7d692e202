// The limits that every engine enforces on a batch before it looks at any state.
#pragma once

#include "store/engine/engine.h"

namespace tegami::store {

/// Limit: a key is a short name; a mailbox name of 1,000 octets is the longest that the store makes.
inline constexpr std::size_t kKeyBytesMax = 4096;

/// Octets of keys, values and tags in a batch: what Limits::batch_bytes_max counts.
std::size_t batch_bytes(const Batch& batch);

/// Nothing, or `invalid` with the limit that the batch breaks.
StoreResult<> check_limits(const Batch& batch, const Limits& limits);

} // namespace tegami::store
