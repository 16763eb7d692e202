// Emails and how many rows each has (E, e, M, m, T, H records) within a commit in the making: read through it and
// written into it. All but find() for the writer of the account.
#pragma once

#include "store/account_core.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tegami::store::emails {

/// Adds emails; their ids begin with the account's next one and have no gaps.
async::Awaitable<StoreResult<>> add(const AccountCore* core, PendingCommit* part,
                                    std::vector<record::EmailRecord> emails);

/// `by` rows more or fewer for each of the emails.
async::Awaitable<StoreResult<>> adjust_counts(const AccountCore* core, PendingCommit* part,
                                              std::vector<std::uint32_t> emails, int by);

/// One row fewer for each of the emails; those that have none left are forgotten, and their blobs let go. Errors:
/// damaged: how many rows one has is not known, so nothing may go until repair has counted.
async::Awaitable<StoreResult<>> forget(AccountCore* core, PendingCommit* part, std::vector<std::uint32_t> emails);

/// Whatever thread and whether or not a writer is at work. Errors: damaged.
async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> find(AccountCore* core, std::uint32_t email);

/// As find() for each, with few reads for single records. The error of an element is `damaged`.
async::Awaitable<StoreResult<std::vector<StoreResult<std::optional<record::EmailRecord>>>>>
find_many(AccountCore* core, std::vector<EmailId> emails);

/// The emails of a group that are in its page; for the writer of the account. Errors: damaged.
async::Awaitable<StoreResult<std::vector<record::EmailRecord>>> in_group(const AccountCore* core, std::uint32_t group);

} // namespace tegami::store::emails
