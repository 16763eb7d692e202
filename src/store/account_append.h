// What other operations share with the adding of messages.
#pragma once

#include "store/account_records.h"

#include <cstdint>

namespace tegami::store {

/// Errors: over_quota.
StoreResult<> check_quota(const record::AccountRow& account, std::uint64_t bytes, std::uint64_t messages);

} // namespace tegami::store
