// The filter of Email/query (RFC 8621 §4.4.1) as a SEARCH: its texts are looked for as IMAP looks for them, in the word index
// first, and every other condition becomes a keyword that an email has, named by the condition's number.
//
// A text is cut at white space into tokens that all must be there, unless it is in quotes.
#pragma once

#include "protocol/imap/search.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "store/account_view.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// Limit: tokens of all texts of a filter.
inline constexpr std::size_t kTokensMax = 100;

/// A flag or a keyword, as an account knows it (decision 17).
class KeywordTest {
public:
    KeywordTest() = default;
    KeywordTest(std::string_view name, const store::KeywordNames& names);

    bool has(const store::EmailState& email) const;

private:
    store::Flags flags_;
    std::optional<std::uint16_t> keyword_;
};

/// Which emails of threads have a keyword; remembers what it has found.
class ThreadKeywords {
public:
    /// The view outlives it.
    ThreadKeywords(const store::AccountView* view, KeywordTest test) : view_(view), test_(test) {}

    bool all(store::ThreadId thread) { return look(thread).all; }

    bool some(store::ThreadId thread) { return look(thread).some; }

private:
    struct Found {
        bool all = true;
        bool some = false;
    };

    Found look(store::ThreadId thread);

    const store::AccountView* view_;
    KeywordTest test_;
    std::map<store::ThreadId, Found> known_;
};

/// What is no text.
struct EmailCondition {
    enum class What : std::uint8_t {
        in_mailbox,
        in_mailbox_other_than,
        before,
        after,
        min_size,
        max_size,
        all_in_thread_have,
        some_in_thread_have,
        none_in_thread_have,
        has_keyword,
        not_keyword,
        has_attachment,
        no_attachment,
    };

    What what{};
    std::vector<store::MailboxId> mailboxes{};
    std::uint64_t number = 0; ///< octets, or seconds since 1970
    std::string keyword{};
};

struct EmailFilter {
    imap::SearchKey key;
    std::vector<EmailCondition> conditions;
    std::optional<store::MailboxId> mailbox; ///< only what is in it can match
    bool everything = true;                  ///< of that mailbox, or of all
    bool changeable = false;                 ///< it looks at keywords or mailboxes, which change
    bool threads = false;                    ///< it looks at other emails of the thread

    bool asks(EmailCondition::What what) const;
};

/// `filter`: the argument, or null. Faults: invalidArguments, unsupportedFilter.
Result<EmailFilter, jmap::Fault> compile_email_filter(const json::value* filter, const jmap::CreatedIds& created);

/// What a filter looks for in texts, but for what must not be there.
struct FilterWords {
    std::vector<std::string> subject;
    std::vector<std::string> body;
};

FilterWords words_of(const imap::SearchKey& key);

/// Decides about the conditions of a filter.
class EmailConditions {
public:
    /// Both outlive it.
    EmailConditions(const EmailFilter* filter, const store::AccountView* view);

    /// The numbers of those that hold; `has_attachment` where it is known.
    std::vector<std::string> of(const store::EmailState& email, std::uint64_t size, bool has_attachment);

private:
    bool holds(std::size_t number, const store::EmailState& email, std::uint64_t size, bool has_attachment);

    const EmailFilter* filter_;
    std::vector<KeywordTest> tests_;
    std::vector<ThreadKeywords> threads_;
};

} // namespace tegami::jmapd
