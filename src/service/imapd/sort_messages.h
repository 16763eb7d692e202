// Messages put in an order, for all who sort (SORT, THREAD, results that are kept up to date): what an order looks at is
// read in batches, beside each other in the store, and sorted where it delays nobody.
#pragma once

#include "async/awaitable.h"
#include "message/sort_key.h"
#include "protocol/imap/command.h"
#include "service/imapd/search_messages.h"
#include "service/imapd/session.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace tegami::imapd {

/// A message that was found, with what an order may look at.
struct FoundMessage {
    NumberedUid message;
    std::uint32_t size_bytes = 0;
    unsigned relevancy = 0; ///< 1 to 100, if anything is FUZZY
    store::SortRow row;     ///< empty if nobody wants it, or if it cannot be read
};

/// Takes what was found, one message after the other; false ends it: there is no memory left.
using TakeFound = std::function<bool(const FoundMessage&)>;

/// Reads what is wanted of the messages of a search and hands each to `take`; notes in `found` what is damaged or gone.
async::Awaitable<store::StoreResult<>> for_each_found(Session* session, SearchFound* found, store::SortWanted wanted,
                                                      const TakeFound* take);

/// What these criteria look at.
store::SortWanted wanted_by(const std::vector<imap::SortCriterion>& criteria);

/// Adds what the message is sorted by.
void append_key(message::SortKey& key, const FoundMessage& found, const std::vector<imap::SortCriterion>& criteria);

/// The result of a SORT.
struct SortedMessages {
    std::vector<std::uint32_t> names; ///< UIDs, or the numbers that the client has now, in order
    MemoryBudget::Charge charge;      ///< for them
};

/// The messages of a search in order; those that are the same stand as in the mailbox (RFC 5256 §3). All outlive it.
async::Awaitable<store::StoreResult<SortedMessages>> sort_found(Session* session, SearchFound* found,
                                                                const std::vector<imap::SortCriterion>* criteria,
                                                                imap::Numbering numbering);

} // namespace tegami::imapd
