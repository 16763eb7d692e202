// A stored letter of somebody who is signed in, as far as the page's other questions need it.
#pragma once

#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "message/card.h"
#include "net/web_url.h"
#include "store/store.h"

#include <cstddef>
#include <string>

namespace tegami::webd {

/// Limit: octets of a letter's HTML, as stored, that are looked through.
inline constexpr std::uint64_t kLetterHtmlBytesMax = 4ULL << 20;

struct Letter {
    store::BlobId blob;
    message::Card card;
};

/// Errors: not_found, damaged, and those of the store.
async::Awaitable<store::StoreResult<Letter>> find_letter(store::Store* store, store::AccountId account,
                                                         store::EmailId email);

/// Its header; at most message::kHeaderBytesMax of it.
async::Awaitable<store::StoreResult<std::string>> read_header(store::Store* store, const Letter* letter);

/// Whether some HTML in it, that of enclosed messages too, names the address (letter_addresses.h). Workers look. Errors:
/// unavailable (no memory now, too), and those of the store.
async::Awaitable<store::StoreResult<bool>> letter_names(store::Store* store, async::WorkerPool* workers,
                                                        MemoryBudget* memory, const Letter* letter, net::WebUrl url);

} // namespace tegami::webd
