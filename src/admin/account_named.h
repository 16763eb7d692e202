// The account that an operation is about.
#pragma once

#include "admin/operation.h"

namespace tegami::admin {

/// 404 if there is none at this address, with a word about an alias that is.
async::Awaitable<Result<directory::Account, Refusal>> account_named(const Dependencies* on,
                                                                    message::EmailAddress address);

/// What to say where the account is missing: there may be an alias at its address.
async::Awaitable<Refusal> about_account(const Dependencies* on, message::EmailAddress address, Refusal refusal);

} // namespace tegami::admin
