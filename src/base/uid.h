// The names of messages that protocols and the store share.
#pragma once

#include "base/strong_id.h"

#include <cstdint>

namespace tegami {

/// A message's unique identifier in one mailbox (RFC 9051 §2.3.1.1): rises strictly within it; 0 is not a UID.
using Uid = StrongId<struct UidTag, std::uint32_t>;
/// Changes when a mailbox's UIDs cannot be kept (RFC 9051 §2.3.1.1).
using UidValidity = StrongId<struct UidValidityTag, std::uint32_t>;

} // namespace tegami
