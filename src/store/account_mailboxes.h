// Making mailboxes and ending their removal, for the operations that need it.
#pragma once

#include "store/account_core.h"

#include <string>

namespace tegami::store {

/// For the writer of the account. Makes a mailbox with the parents it lacks; a name that only held inferiors becomes a
/// mailbox. Errors: exists, invalid (name, limit).
async::Awaitable<StoreResult<MailboxId>> make_mailbox(AccountCore* core, std::string name, MailboxSettings settings);

/// For the writer of the account. Adds one mailbox. Errors: exists (role), invalid (limit).
StoreResult<MailboxId> add_mailbox(const AccountCore& core, PendingCommit& part, MailboxId parent, std::string level,
                                   MailboxSettings settings);

/// For the writer of the account. Makes a mailbox that is not there, and the parents it lacks: each level is a commit of
/// its own where they do not fit one batch, since parents without the child are no harm. Errors: exists (role), invalid.
async::Awaitable<StoreResult<MailboxId>> add_path(AccountCore* core, std::string name, MailboxSettings settings);

/// The subscribed names as `part` of `whole` will make them, for changing them.
std::set<std::string>& subscribed_names(PendingCommit& part, const PendingCommit& whole, const AccountRows& rows);

/// Expunges what a removed mailbox still has and forgets it, in turns between which others write.
async::Awaitable<StoreResult<>> finish_removal(AccountCore* core, MailboxId mailbox);

} // namespace tegami::store
