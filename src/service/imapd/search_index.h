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

class IndexedTexts {
public:
    /// Nothing is known. The program outlives it.
    explicit IndexedTexts(const imap::SearchProgram* program) : program_(program) {}

    IndexedTexts(const imap::SearchProgram* program, index::Answers answers, MemoryBudget::Charge charge)
        : program_(program), answers_(std::move(answers)), charge_(std::move(charge)) {}

    /// What is known of the email about each of the program's texts; empty if nothing is known of any email.
    std::vector<imap::Verdict> of(store::EmailId email) const;

    /// True if the email cannot match, whatever else there is to it.
    bool rule_out(store::EmailId email) const { return answers_ && program_->ruled_out(of(email)); }

private:
    const imap::SearchProgram* program_;
    std::optional<index::Answers> answers_;
    MemoryBudget::Charge charge_; ///< for them
};

/// Asks the index of the session's account, if that is worth it for so many messages. Both outlive the result.
async::Awaitable<IndexedTexts> ask_index(Session* session, const imap::SearchProgram* program, std::uint64_t messages);

} // namespace tegami::imapd
