// What the word index says about the texts of a SEARCH, message by message.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "index/query.h"
#include "protocol/imap/search.h"

#include <optional>
#include <vector>

namespace tegami::imapd {

struct Session;

/// What an account's index says about the texts of a search, in whatever mailbox.
struct IndexAnswers {
    std::optional<index::Answers> answers; ///< nothing is known without them
    MemoryBudget::Charge charge;           ///< for them
};

class IndexedTexts {
public:
    /// Both outlive it. The answers are to the texts of this program, or of another for the same search.
    IndexedTexts(const imap::SearchProgram* program, const IndexAnswers* known)
        : program_(program), answers_(known->answers ? &*known->answers : nullptr) {}

    /// What is known of the email about each of the program's texts; empty if nothing is known of any email.
    std::vector<imap::Verdict> of(store::EmailId email) const;

    /// How well the email fits what is FUZZY in the search; nothing if that is not known.
    std::optional<float> score(store::EmailId email) const {
        return answers_ != nullptr ? answers_->score(email) : std::nullopt;
    }

    /// True if the email cannot match, whatever else there is to it.
    bool rule_out(store::EmailId email) const { return answers_ != nullptr && program_->ruled_out(of(email)); }

private:
    const imap::SearchProgram* program_;
    const index::Answers* answers_; ///< null if nothing is known
};

/// Asks the account's index, if that is worth it for so many messages.
async::Awaitable<IndexAnswers> ask_index(Session* session, store::AccountId account, const imap::SearchProgram* program,
                                         std::uint64_t messages);

} // namespace tegami::imapd
