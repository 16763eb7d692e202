// Searches whose results are kept up to date (RFC 5267, CONTEXT=SEARCH and CONTEXT=SORT): what enters or leaves such a
// result is told with the news about the mailbox.
//
// 1. A context knows which messages are in the result that the client has; only messages that changed since are looked at.
// 2. Sequence numbers in a search mean the messages that had them when it was asked.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "protocol/imap/command.h"
#include "service/imapd/session_view.h"
#include "service/imapd/sort_context.h"

#include <optional>
#include <string>

namespace tegami::imapd {

struct Session;
struct SearchFound;

/// Limit: contexts of one session; more are refused (RFC 5267 §4.3.1).
inline constexpr std::size_t kContextsMax = 4;

struct SearchContext {
    std::string tag; ///< of the search
    imap::Numbering numbering{};
    imap::SearchKey key; ///< without sequence numbers
    std::optional<std::string> charset;
    UidSet matches;                  ///< messages that the client has in the result
    std::optional<SortContext> list; ///< the same in order, for SORT
    store::Version seen;             ///< changes up to here are in `matches`
    MemoryBudget::Charge charge;
};

/// Keeps the result of the search up to date from now on, or says that it is not. `list`: for SORT.
void begin_context(Session* session, const imap::Search& search, const SearchFound& found,
                   std::optional<SortContext> list = {});

/// Says that it is not.
void refuse_context(Session* session);

/// True if the tag is that of a search whose result is kept up to date.
bool is_context(const Session& session, std::string_view tag);

/// Before the lines that say so: messages that go leave the results, too. `news` has not been written yet.
async::Awaitable<> tell_contexts_of_expunged(Session* session, const Announcement* news);

/// After all news: tells what changed messages do to the results.
async::Awaitable<> update_contexts(Session* session);

} // namespace tegami::imapd
