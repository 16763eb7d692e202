// System flags between the protocol's words and the store's bits.
#pragma once

#include "protocol/imap/types.h"
#include "store/flags.h"

namespace tegami::imapd {

/// \Recent, which no store keeps, is left out.
store::Flags to_store(imap::SystemFlags flags);
imap::SystemFlags to_imap(store::Flags flags);
/// Every flag that a client may set.
imap::SystemFlags all_system_flags();

} // namespace tegami::imapd
