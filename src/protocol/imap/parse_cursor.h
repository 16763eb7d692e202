// The words of the command grammar (RFC 9051 §9): a place in a command, and functions that read what stands there.
// Only the parser's own files use it.
#pragma once

#include "base/result.h"
#include "protocol/imap/mailbox_name.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::imap {

/// The largest number64 (RFC 9051 §9).
inline constexpr std::uint64_t kNumber64Max = 0x7fff'ffff'ffff'ffff;

/// A BAD answer; the tag is filled in by parse_command().
std::unexpected<ParseError> bad(std::string text);

/// What a reading function returns: the value, or why the command is refused.
template <class T>
using Parsed = Result<T, ParseError>;

class Cursor {
public:
    Cursor(std::string_view text, EnabledSet enabled) : text_(text), enabled_(enabled) {}

    bool at_end() const { return at_ == text_.size(); }

    bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

    bool next_is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

    /// Steps over `c` if it is next.
    bool accept(char c);
    /// Steps over the word, in any case, if it is next and is not the start of a longer word.
    bool accept_word(std::string_view word);

    /// Steps over `c` or says that it was expected.
    Parsed<void> expect(char c);
    /// Steps over the space before an argument, or says which argument is missing.
    Parsed<void> space(std::string_view argument);
    /// Nothing may follow.
    Parsed<void> end();

    /// Letters, digits, "." and "-": the name of a command, item or option, as written; may be empty.
    std::string_view word();
    Parsed<std::string_view> atom(std::string_view what);
    Parsed<std::string> astring(std::string_view what);
    /// Quoted string or literal.
    Parsed<std::string> string(std::string_view what);
    /// An astring that may hold "%" and "*": list-mailbox.
    Parsed<std::string> list_mailbox();
    Parsed<std::uint64_t> number(std::string_view what, std::uint64_t least, std::uint64_t most);
    Parsed<SequenceSet> sequence_set();
    /// A mailbox name; one that cannot exist gives NO [CANNOT].
    Parsed<MailboxName> mailbox();
    /// A new mailbox's name, which may end with the delimiter (RFC 9051 §6.3.4).
    Parsed<MailboxName> new_mailbox();

    /// A mod-sequence (RFC 7162 §7) from `least` on.
    Parsed<std::uint64_t> modseq(std::uint64_t least) { return number("a mod-sequence", least, kNumber64Max); }

    /// One flag, added to `flags`.
    Parsed<void> flag(FlagList& flags);
    Parsed<FlagList> flag_list();
    /// "1-Feb-1994", quoted or not.
    Parsed<std::chrono::year_month_day> date();
    /// "\"17-Jul-1996 02:44:25 -0700\"".
    Parsed<DateTime> date_time();

    EnabledSet enabled() const { return enabled_; }

private:
    Parsed<std::string> quoted(std::string_view what);
    Parsed<std::string> literal(std::string_view what);
    Parsed<std::chrono::year_month_day> date_text();
    Parsed<unsigned> fixed_digits(std::size_t count, unsigned most, std::string_view what);
    std::string_view take_while(bool (*wanted)(char));
    Parsed<MailboxName> checked_mailbox(const std::string& name);

    std::string_view text_;
    std::size_t at_ = 0;
    EnabledSet enabled_;
};

/// A system flag's name ("\Seen", any case), or nothing.
std::optional<SystemFlag> system_flag(std::string_view name);

} // namespace tegami::imap
