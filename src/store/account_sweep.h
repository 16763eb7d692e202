// Housekeeping that others need at once. Each works in turns between which others write.
#pragma once

#include "store/account_core.h"

namespace tegami::store {

/// Writes the pages of a mailbox anew that have deltas beside them.
async::Awaitable<StoreResult<>> fold(AccountCore* core, MailboxId mailbox);

/// Ends removals of mailboxes that were cut short.
async::Awaitable<StoreResult<>> finish_removals(AccountCore* core);

} // namespace tegami::store
