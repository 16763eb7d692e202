// Cards of many emails together (C records, docs/formats/account.md): what readers ask of a run of messages lies in one
// place, in the order of the emails, compressed. The card in the blob is the original; a C record may lack any card, and
// then the blob is asked.
#pragma once

#include "store/account_core.h"
#include "store/card_records.h"

#include <cstdint>
#include <vector>

namespace tegami::store::cards {

/// Writes the page of a group that is complete, and that of what its emails are sorted by (sort_pages.h), from the cards in
/// the blobs. What cannot be read stays out: the commit goes on without it.
async::Awaitable<> fill(const AccountCore* core, PendingCommit* part, std::vector<record::EmailRecord> group);

/// Takes emails that are forgotten, which are of one E page, out of these pages.
async::Awaitable<StoreResult<>> forget(const AccountCore* core, PendingCommit* part, std::vector<std::uint32_t> emails);

/// Whatever thread and whether or not a writer is at work.
async::Awaitable<StoreResult<Cards>> find(AccountCore* core, std::vector<EmailId> ids);

} // namespace tegami::store::cards
