// The beginning and the end of an account.
#pragma once

#include "store/account_core.h"

namespace tegami::store {

/// Writes a new account with its first mailboxes. Errors: exists (also the rest of one whose removal was cut short).
async::Awaitable<StoreResult<>> create_account(AccountCore* core, Quota quota);

/// Removes all that the account has; also one whose removal was
/// cut short. From its first commit on everybody gets not_found.
async::Awaitable<StoreResult<>> remove_account(AccountCore* core);

} // namespace tegami::store
