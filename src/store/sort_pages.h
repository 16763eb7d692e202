// What emails are sorted and threaded by, of many together (S records, docs/formats/account.md): a SORT of a whole mailbox
// is a few large reads. It follows from the cards: an S record may lack any email or be missing, and then the card is
// asked, and sweep() makes the record anew.
#pragma once

#include "store/account_core.h"
#include "store/sort_records.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tegami::store::sort_pages {

/// Writes the page of a group, from rows that are ordered by email.
void put(const AccountCore* core, PendingCommit* part, std::uint32_t group,
         const std::vector<record::SortOfEmail>& emails);

/// Takes emails, which rise, out of the page of a group, whose value this is. What cannot be read stays as it is.
void forget(const AccountCore* core, PendingCommit* part, std::uint32_t group, std::string_view value,
            std::span<const std::uint32_t> emails);

/// Whatever thread and whether or not a writer is at work.
async::Awaitable<StoreResult<SortRows>> find(AccountCore* core, std::vector<EmailId> ids, SortWanted wanted);

} // namespace tegami::store::sort_pages
