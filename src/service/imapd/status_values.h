// What STATUS says about a mailbox (RFC 9051 §6.3.11): the counts that the store keeps, so no message is looked at.
#pragma once

#include "protocol/imap/writer.h"
#include "store/mailbox_list.h"

#include <cstdint>

namespace tegami::imapd {

/// The values of all items; `object_base` is that of the mailbox's account (mailbox_access.h).
imap::StatusValues status_values(const store::MailboxInfo& mailbox, std::uint64_t object_base);

} // namespace tegami::imapd
