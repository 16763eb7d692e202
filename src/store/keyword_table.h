// The account's keywords: every different one has an id for ever.
#pragma once

#include "store/account_rows.h"
#include "store/pending_commit.h"

#include <string>
#include <vector>

namespace tegami::store {

/// The ids of keywords; new ones get theirs in `part`. Errors: invalid (no keyword, too many).
StoreResult<KeywordSet> intern(PendingCommit& part, const AccountRows& rows, const std::vector<std::string>& keywords);

} // namespace tegami::store
