// Finding messages of a mailbox, for all commands that search (SEARCH, ESEARCH, SORT, THREAD), and how SEARCH answers.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "protocol/imap/search.h"
#include "service/imapd/completion.h"
#include "service/imapd/search_index.h"
#include "service/imapd/session.h"

#include <limits>
#include <optional>
#include <string>

namespace tegami::imapd {

/// The mailbox that is searched. Both outlive the search; the view must not announce anything meanwhile.
struct SearchPlace {
    store::Account* account;
    const SessionView* numbers;
};

/// The one that is selected.
SearchPlace selected_place(const Session& session);

/// How well messages fit what is FUZZY in a search.
class Relevancies {
public:
    /// A message that was found, of a batch whose numbers are above all before; nothing: it is not known.
    void add(std::uint32_t number, std::optional<float> score);
    /// The batch is complete.
    void end_batch();
    /// RFC 6203 §4: 1 to 100; the best one is 100.
    unsigned of(std::uint32_t number) const;

    std::size_t memory_bytes() const { return scores_.capacity() * sizeof(Score); }

private:
    struct Score {
        std::uint32_t number;
        float score;
    };

    std::vector<Score> scores_; ///< of those that are known
    std::size_t batch_ = 0;     ///< where it begins
    float least_ = std::numeric_limits<float>::max();
    float most_ = 0;
};

/// What a search has found.
struct SearchFound {
    imap::NumberRanges matches;  ///< sequence numbers
    Relevancies relevancies;     ///< if anything is FUZZY
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

bool asks_modseq(const imap::SearchKey& key);
/// The search, made ready for the messages of a view; without one, sets of messages name none. The error is the answer to
/// the command.
Result<imap::SearchProgram, Completion> compile_search(const Session& session, const SessionView* numbers,
                                                       const imap::SearchKey& key,
                                                       const std::optional<std::string>& charset);
/// The numbers of the messages that a search has to look at.
imap::NumberRanges numbers_to_search(const SessionView& numbers, const imap::SearchProgram& program);
/// Runs a search. What both point to outlives the call. The error is the answer to the command.
async::Awaitable<Result<SearchFound, Completion>> find_messages_in(Session* session, SearchPlace place,
                                                                   const imap::SearchKey* key,
                                                                   const imap::SearchProgram* program,
                                                                   const IndexAnswers* known);

/// The answer to a command whose search has gone well.
Completion search_ended(const Session& session, const SearchFound& found);

/// RFC 9051 §6.4.4.1, table 4, and RFC 9394 §3.2, table 1: what "$" is to hold.
imap::NumberRanges to_save(const imap::Search& command, const imap::NumberRanges& matches);

/// Writes SEARCH or ESEARCH, about the selected mailbox.
async::Awaitable<> write_search_result(Session* session, const imap::Search* command, const SearchFound* found);

/// What an ESEARCH answers, to which command, about which mailbox. All of it outlives the call.
struct EsearchAnswer {
    const imap::Search* command;
    SearchPlace place;
    const SearchFound* found;
    const imap::EsearchMailbox* mailbox = nullptr; ///< null: what is answered is SEARCH
};

async::Awaitable<> write_esearch(Session* session, EsearchAnswer answer);

} // namespace tegami::imapd
