// Housekeeping that others need at once. Each works in turns between which others write.
#pragma once

#include "store/account_core.h"

namespace tegami::store {

/// Writes the pages of a mailbox anew that have deltas beside them.
async::Awaitable<StoreResult<>> fold(AccountCore* core, MailboxId mailbox);

/// A mailbox with more deltas than this is folded after the change, so that opening it stays a matter of its pages.
inline constexpr std::uint32_t kMailboxDeltasMax = 4096;
/// The same for such a mailbox. What was changed is durable; where this fails, the next sweep does it.
async::Awaitable<> fold_deep(AccountCore* core, MailboxId mailbox);

/// Ends removals of mailboxes that were cut short.
async::Awaitable<StoreResult<>> finish_removals(AccountCore* core);

} // namespace tegami::store
