// Accounts of a directory that is not open: what a backup knows of them.
#pragma once

#include "directory/administration.h"
#include "store/engine/engine.h"

#include <cstddef>
#include <optional>
#include <string>

namespace tegami::directory {

/// The account with this address, with what it logs in with and its domain's settings; nothing if there is none.
async::Awaitable<DirectoryResult<std::optional<StoredAccount>>> stored_account(store::Engine* engine,
                                                                               EmailAddress address);

/// Up to `count_max` accounts, ordered by domain, then local part; `from` is empty or the `next` of the page before.
async::Awaitable<DirectoryResult<Listing<Account>>> stored_accounts(store::Engine* engine, std::string from,
                                                                    std::size_t count_max);

} // namespace tegami::directory
