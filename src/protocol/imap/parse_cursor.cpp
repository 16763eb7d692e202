#include "protocol/imap/parse_cursor.h"

#include "base/ascii.h"
#include "message/date.h"
#include "protocol/imap/atoms.h"

#include <algorithm>
#include <array>

namespace tegami::imap {

namespace {

bool is_list_char(char c) {
    return is_astring_char(c) || c == '%' || c == '*';
}

/// What programs put into the names of flags: astrings, and letters beyond ASCII.
bool is_flag_char(char c) {
    return is_astring_char(c) || ascii::is_high(c);
}

bool is_word_char(char c) {
    return ascii::is_alnum(c) || c == '.' || c == '-';
}

bool is_set_char(char c) {
    return ascii::is_digit(c) || c == ':' || c == ',' || c == '*' || c == '$';
}

std::unexpected<ParseError> expected(std::string_view what) {
    return bad("Expected " + std::string(what));
}

} // namespace

std::unexpected<ParseError> bad(std::string text) {
    return failure(ParseError{.tag = {}, .answer = ParseError::Answer::bad, .code = {}, .text = std::move(text)});
}

std::optional<SystemFlag> system_flag(std::string_view name) {
    for (const SystemFlag flag : {SystemFlag::answered, SystemFlag::flagged, SystemFlag::deleted, SystemFlag::seen,
                                  SystemFlag::draft, SystemFlag::recent}) {
        if (ascii::iequals(name, name_of(flag))) return flag;
    }
    return std::nullopt;
}

bool Cursor::accept(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
}

bool Cursor::accept_word(std::string_view word) {
    const std::string_view rest = text_.substr(at_);
    if (!ascii::istarts_with(rest, word)) return false;
    if (rest.size() > word.size() && is_word_char(rest[word.size()])) return false;
    at_ += word.size();
    return true;
}

Parsed<void> Cursor::expect(char c) {
    if (accept(c)) return {};
    return bad(std::string("Expected \"") + c + "\"");
}

Parsed<void> Cursor::space(std::string_view argument) {
    // Interop: some clients end a command with a space; that is not the start of an argument.
    if (accept(' ') && !at_end()) return {};
    return bad("Missing argument: " + std::string(argument));
}

Parsed<void> Cursor::end() {
    // Interop: some clients end a command with a space.
    while (accept(' ')) {
    }
    if (at_end()) return {};
    return bad("Unexpected argument: " + ascii::printable(text_.substr(at_), 40));
}

std::string_view Cursor::take_while(bool (*wanted)(char)) {
    const std::size_t start = at_;
    while (at_ < text_.size() && wanted(text_[at_]))
        ++at_;
    return text_.substr(start, at_ - start);
}

std::string_view Cursor::word() {
    return take_while(is_word_char);
}

Parsed<std::string_view> Cursor::atom(std::string_view what) {
    const std::string_view atom = take_while(is_atom_char);
    if (atom.empty()) return expected(what);
    return atom;
}

Parsed<std::string> Cursor::astring(std::string_view what) {
    if (next_is('"') || next_is('{')) return string(what);
    const std::string_view atom = take_while(is_astring_char);
    if (atom.empty()) return expected(what);
    return std::string(atom);
}

Parsed<std::string> Cursor::string(std::string_view what) {
    if (next_is('"')) return quoted(what);
    if (next_is('{')) return literal(what);
    return expected(std::string(what) + " as a quoted string or literal");
}

Parsed<std::string> Cursor::list_mailbox() {
    std::string text;
    if (next_is('"') || next_is('{')) {
        TRY(text, string("a mailbox pattern"));
    } else {
        text = take_while(is_list_char);
        if (text.empty()) return expected("a mailbox pattern");
    }
    if (speaks_utf8(enabled_)) return text;
    // A pattern that is not modified UTF-7 is taken as it is: it can only match names it spells.
    return decode_modified_utf7(text).value_or(text);
}

Parsed<std::string> Cursor::quoted(std::string_view what) {
    ++at_;
    std::string text;
    while (at_ < text_.size()) {
        char c = text_[at_++];
        if (c == '"') return text;
        if (c == '\\') {
            if (at_ == text_.size()) break;
            c = text_[at_++];
            if (c != '"' && c != '\\') return bad("In a quoted string only \" and \\ may follow a backslash");
        }
        // Interop: octets above 0x7f are taken in IMAP4rev1 sessions, too: passwords and search texts come so.
        if (c == '\r' || c == '\n' || c == '\0') return bad("Quoted strings cannot hold line ends or NUL");
        text += c;
    }
    return bad("Missing end of quoted string for " + std::string(what));
}

Parsed<std::string> Cursor::literal(std::string_view what) {
    ++at_;
    const std::string_view digits = take_while(ascii::is_digit);
    accept('+');
    const std::optional<std::size_t> size = ascii::parse_number<std::size_t>(digits);
    if (!size || !accept('}') || !accept('\r') || !accept('\n') || *size > text_.size() - at_)
        return bad("Malformed literal for " + std::string(what));
    const std::string_view octets = text_.substr(at_, *size);
    at_ += *size;
    if (octets.contains('\0')) return bad("Literals cannot hold NUL");
    return std::string(octets);
}

Parsed<std::uint64_t> Cursor::number(std::string_view what, std::uint64_t least, std::uint64_t most) {
    const std::optional<std::uint64_t> number = ascii::parse_number<std::uint64_t>(take_while(ascii::is_digit));
    if (!number || *number < least || *number > most) return expected(std::string(what) + " as a number in range");
    return *number;
}

Parsed<SequenceSet> Cursor::sequence_set() {
    std::optional<SequenceSet> set = SequenceSet::parse(take_while(is_set_char));
    if (!set) return expected("a set of message numbers, such as 1:5,7");
    return *std::move(set);
}

Parsed<MailboxName> Cursor::checked_mailbox(const std::string& name) {
    Result<MailboxName, MailboxNameError> mailbox = MailboxName::from_wire(name, enabled_);
    if (mailbox) return *std::move(mailbox);
    return failure(ParseError{
        .tag = {}, .answer = ParseError::Answer::no, .code = "CANNOT", .text = std::string(describe(mailbox.error()))});
}

Parsed<MailboxName> Cursor::mailbox() {
    TRY(const std::string name, astring("a mailbox name"));
    return checked_mailbox(name);
}

Parsed<MailboxName> Cursor::new_mailbox() {
    TRY(std::string name, astring("a mailbox name"));
    if (name.size() > 1 && name.ends_with(kHierarchyDelimiter)) name.pop_back();
    return checked_mailbox(name);
}

Parsed<void> Cursor::flag(FlagList& flags) {
    const bool system = accept('\\');
    const std::string_view name = take_while(is_flag_char);
    if (name.empty()) return expected("a flag");
    if (system) {
        const std::optional<SystemFlag> flag = system_flag("\\" + std::string(name));
        if (!flag) return bad("There is no flag \\" + std::string(name));
        // Interop: migration tools hand \Recent back to us; it is the server's to set, and is left out.
        if (*flag != SystemFlag::recent) flags.system.insert(*flag);
        return {};
    }
    // Interop: migration tools bring keywords such as Gmail's "OIB-Seen-[Gmail]/Spam", which no FLAGS line can show:
    // they are left out, as flags that cannot be kept may be (RFC 9051 §7.1), and the message comes without them.
    if (!std::ranges::all_of(name, is_atom_char)) return {};
    if (name.size() > kKeywordBytesMax) return bad("Keyword too long");
    if (flags.keywords.size() == kFlagsMax) return bad("Too many flags");
    if (std::ranges::none_of(flags.keywords, [&](const std::string& have) { return ascii::iequals(have, name); }))
        flags.keywords.emplace_back(name);
    return {};
}

Parsed<FlagList> Cursor::flag_list() {
    TRY_VOID(expect('('));
    FlagList flags;
    if (accept(')')) return flags;
    do {
        TRY_VOID(flag(flags));
    } while (accept(' '));
    TRY_VOID(expect(')'));
    return flags;
}

Parsed<unsigned> Cursor::fixed_digits(std::size_t count, unsigned most, std::string_view what) {
    const std::string_view digits = text_.substr(at_, count);
    const std::optional<unsigned> number = ascii::parse_number<unsigned>(digits);
    if (digits.size() != count || !number || *number > most) return expected(what);
    at_ += count;
    return *number;
}

Parsed<std::chrono::year_month_day> Cursor::date_text() {
    const std::size_t digits = at_ + 1 < text_.size() && ascii::is_digit(text_[at_ + 1]) ? 2 : 1;
    TRY(const unsigned day, fixed_digits(digits, 31, "a date such as 1-Feb-1994"));
    TRY_VOID(expect('-'));
    const std::string_view name = text_.substr(at_, 3);
    const auto month =
        std::ranges::find_if(message::kMonthNames, [&](std::string_view m) { return ascii::iequals(m, name); });
    if (month == message::kMonthNames.end()) return expected("a month: Jan, Feb, ... Dec");
    at_ += name.size();
    TRY_VOID(expect('-'));
    TRY(const unsigned year, fixed_digits(4, 9999, "a year of four digits"));
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(year)),
        std::chrono::month(static_cast<unsigned>(month - message::kMonthNames.begin()) + 1), std::chrono::day(day)};
    if (!date.ok()) return bad("There is no such day");
    return date;
}

Parsed<std::chrono::year_month_day> Cursor::date() {
    const bool is_quoted = accept('"');
    TRY(const std::chrono::year_month_day date, date_text());
    if (is_quoted) TRY_VOID(expect('"'));
    return date;
}

Parsed<DateTime> Cursor::date_time() {
    using namespace std::chrono;
    TRY_VOID(expect('"'));
    accept(' ');
    TRY(const year_month_day date, date_text());
    TRY_VOID(expect(' '));
    TRY(const unsigned hour, fixed_digits(2, 23, "an hour"));
    TRY_VOID(expect(':'));
    TRY(const unsigned minute, fixed_digits(2, 59, "a minute"));
    TRY_VOID(expect(':'));
    TRY(const unsigned second, fixed_digits(2, 60, "a second"));
    TRY_VOID(expect(' '));
    const bool west = next_is('-');
    if (!west && !next_is('+')) return expected("a time zone such as +0900");
    ++at_;
    TRY(const unsigned zone_hours, fixed_digits(2, 23, "a time zone such as +0900"));
    TRY(const unsigned zone_minutes, fixed_digits(2, 59, "a time zone such as +0900"));
    TRY_VOID(expect('"'));
    minutes zone = hours(zone_hours) + minutes(zone_minutes);
    if (west) zone = -zone;
    const sys_seconds local = sys_days(date) + hours(hour) + minutes(minute) + seconds(std::min(second, 59U));
    // On either clock the year must be one of four digits: the moment may be told in another zone.
    constexpr sys_seconds kFirst = sys_days(year(1) / January / 1);
    constexpr sys_seconds kEnd = sys_days(year(10000) / January / 1);
    const sys_seconds moment = local - zone;
    if (std::min(local, moment) < kFirst || std::max(local, moment) >= kEnd)
        return bad("The date must be in the years 1 to 9999, in UTC too");
    return DateTime{moment, zone};
}

} // namespace tegami::imap
