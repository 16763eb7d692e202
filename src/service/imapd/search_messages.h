// Finding messages of the selected mailbox, for all commands that search (SEARCH, SORT, THREAD), and how SEARCH answers.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "service/imapd/completion.h"
#include "service/imapd/session.h"

#include <optional>
#include <string>

namespace tegami::imapd {

/// What a search has found.
struct SearchFound {
    imap::NumberRanges matches;  ///< sequence numbers
    MemoryBudget::Charge charge; ///< for them
    /// Of all matches, if the search asks for mod-sequences (RFC 7162 §3.1.6); else 0.
    std::uint64_t highest_modseq = 0;
    store::Version version; ///< of the mailbox when the search began: later changes may not be in `matches`
    bool some_gone = false;
    std::optional<store::Error> damage; ///< of a message whose text cannot be read: it does not match
};

/// Searches the selected mailbox. The error is the answer to the command.
async::Awaitable<Result<SearchFound, Completion>> find_messages(Session* session, const imap::SearchKey* key,
                                                                const std::optional<std::string>* charset);

/// The answer to a command whose search has gone well.
Completion search_ended(const Session& session, const SearchFound& found);

/// RFC 9051 §6.4.4.1, table 4, and RFC 9394 §3.2, table 1: what "$" is to hold.
imap::NumberRanges to_save(const imap::Search& command, const imap::NumberRanges& matches);

/// Writes SEARCH or ESEARCH.
async::Awaitable<> write_search_result(Session* session, const imap::Search* command, const SearchFound* found);

} // namespace tegami::imapd
