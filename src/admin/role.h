// What the operations that may end an administrator share.
#pragma once

#include "admin/operation.h"

namespace tegami::admin {

/// Refuses (409) if the account is the last administrator who can sign in and the caller is not the local root, who can make
/// another one. Under Roles::decide(), as is what follows.
async::Awaitable<Result<void, Refusal>> check_last_administrator(const Dependencies* on, Caller caller,
                                                                 message::EmailAddress address);

/// The answer of /account/show.
async::Awaitable<Answer> show_account(const Dependencies* on, message::EmailAddress address);

} // namespace tegami::admin
