// Making mailboxes and ending their removal, for the operations that need it.
#pragma once

#include "store/account_core.h"

#include <string>

namespace tegami::store {

/// For the writer of the account. Makes a mailbox with the parents it lacks; a name that only held inferiors becomes a
/// mailbox. Errors: exists, invalid (name, limit).
async::Awaitable<StoreResult<MailboxId>> make_mailbox(AccountCore* core, std::string name, Role role);

/// For the writer of the account. Adds one mailbox. Errors: exists (role), invalid (limit).
StoreResult<MailboxId> add_mailbox(const AccountCore& core, PendingCommit& part, MailboxId parent, std::string level,
                                   Role role, bool subscribed);

/// Expunges what a removed mailbox still has and forgets it, in turns between which others write.
async::Awaitable<StoreResult<>> finish_removal(AccountCore* core, MailboxId mailbox);

} // namespace tegami::store
