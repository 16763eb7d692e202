#include "protocol/imap/writer.h"

#include "base/ascii.h"
#include "message/charset.h"
#include "message/date.h"
#include "protocol/imap/atoms.h"
#include "protocol/imap/object_id.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

namespace tegami::imap {

namespace {

bool is_atom(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_astring_char) && !ascii::iequals(text, "NIL");
}

/// What octets are to a quoted string (RFC 9051 §9).
constexpr unsigned kEscaped = 1;
constexpr unsigned kHigh = 2;
constexpr unsigned kNever = 4;

constexpr std::array<std::uint8_t, 256> kKinds = [] {
    std::array<std::uint8_t, 256> kinds{};
    for (const char c : {'"', '\\'})
        kinds[static_cast<unsigned char>(c)] = kEscaped;
    for (const char c : {'\r', '\n', '\0'})
        kinds[static_cast<unsigned char>(c)] = kNever;
    std::fill(kinds.begin() + 128, kinds.end(), kHigh);
    return kinds;
}();

/// All kinds of octets that the text has.
unsigned kinds_of(std::string_view text) {
    unsigned kinds = 0;
    for (const char c : text)
        kinds |= kKinds[static_cast<unsigned char>(c)];
    return kinds;
}

void append_quoted(std::string& out, std::string_view text, unsigned kinds) {
    out += '"';
    if ((kinds & kEscaped) == 0) {
        out += text;
    } else {
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

void append_quoted(std::string& out, std::string_view text) {
    append_quoted(out, text, kinds_of(text));
}

void append_literal(std::string& out, std::string_view octets) {
    fmt::format_to(std::back_inserter(out), "{{{}}}\r\n", octets.size());
    out += octets;
}

/// "a b c" of what each of `values` prints, in parentheses.
template <class Values, class Print>
void append_list_of(std::string& out, const Values& values, Print print) {
    out += '(';
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ' ';
        first = false;
        print(value);
    }
    out += ')';
}

void append_range(std::string& out, const NumberRange& range) {
    fmt::format_to(std::back_inserter(out), "{}", range.first);
    if (range.last != range.first) fmt::format_to(std::back_inserter(out), ":{}", range.last);
}

/// " 405,407:410".
void append_uid_set(std::string& out, std::span<const UidRange> uids) {
    char before = ' ';
    for (const UidRange& range : uids) {
        out += before;
        append_range(out, {.first = range.first.value, .last = range.last.value});
        before = ',';
    }
}

void append_line(std::string& out, std::string_view first, std::string_view rest) {
    out.append("* ").append(first).append(" ").append(rest).append("\r\n");
}

} // namespace

void append_string(std::string& out, std::string_view text, EnabledSet enabled) {
    const unsigned kinds = kinds_of(text);
    const bool octets_allowed = (kinds & kHigh) == 0 || (speaks_utf8(enabled) && message::is_utf8(text));
    if ((kinds & kNever) == 0 && octets_allowed) return append_quoted(out, text, kinds);
    const std::size_t start = out.size();
    append_literal(out, text);
    // RFC 9051 §9: a literal holds any octet but NUL.
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), '\0', '?');
}

void append_nstring(std::string& out, std::optional<std::string_view> text, EnabledSet enabled) {
    if (text)
        append_string(out, *text, enabled);
    else
        out += "NIL";
}

void append_astring(std::string& out, std::string_view text, EnabledSet enabled) {
    if (is_atom(text))
        out += text;
    else
        append_string(out, text, enabled);
}

void append_mailbox(std::string& out, std::string_view utf8_name, EnabledSet enabled) {
    append_astring(out, to_wire(utf8_name, enabled), enabled);
}

void append_flags(std::string& out, const FlagList& flags) {
    out += '(';
    const std::size_t start = out.size();
    const auto put = [&](std::string_view name) {
        if (out.size() != start) out += ' ';
        out += name;
    };
    for (const SystemFlag flag : {SystemFlag::answered, SystemFlag::flagged, SystemFlag::deleted, SystemFlag::seen,
                                  SystemFlag::draft, SystemFlag::recent}) {
        if (flags.system.contains(flag)) put(name_of(flag));
    }
    for (const std::string& keyword : flags.keywords)
        put(keyword);
    out += ')';
}

std::string to_string(const DateTime& date) {
    using namespace std::chrono;
    const sys_seconds local = date.moment + date.zone;
    const sys_days day = floor<days>(local);
    const year_month_day ymd(day);
    const hh_mm_ss time(local - day);
    const minutes zone = abs(date.zone);
    return fmt::format("{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}", static_cast<unsigned>(ymd.day()),
                       message::kMonthNames[static_cast<unsigned>(ymd.month()) - 1], static_cast<int>(ymd.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       date.zone < minutes(0) ? '-' : '+', zone.count() / 60, zone.count() % 60);
}

void append_status(std::string& out, std::string_view tag, StatusWord word, std::string_view code,
                   std::string_view text) {
    static constexpr std::array<std::string_view, 5> kWords{"OK", "NO", "BAD", "PREAUTH", "BYE"};
    out.append(tag.empty() ? "*" : tag).append(" ").append(kWords[static_cast<std::size_t>(word)]).append(" ");
    if (!code.empty()) out.append("[").append(code).append("] ");
    for (const char c : text)
        out += ascii::is_control(c) || ascii::is_high(c) ? '?' : c;
    out += "\r\n";
}

void append_continuation(std::string& out, std::string_view text) {
    out.append("+ ").append(text).append("\r\n");
}

namespace code {

std::string uid_validity(UidValidity validity) {
    return fmt::format("UIDVALIDITY {}", validity.value);
}

std::string uid_next(Uid next) {
    return fmt::format("UIDNEXT {}", next.value);
}

std::string first_unseen(SequenceNumber number) {
    return fmt::format("UNSEEN {}", number.value);
}

std::string permanent_flags(const FlagList& flags, bool new_keywords) {
    std::string code = "PERMANENTFLAGS ";
    append_flags(code, flags);
    if (!new_keywords) return code;
    code.pop_back();
    if (!code.ends_with('(')) code += ' ';
    return code + "\\*)";
}

std::string capability(std::string_view names) {
    return "CAPABILITY " + std::string(names);
}

std::string bad_charset() {
    return "BADCHARSET (US-ASCII UTF-8)";
}

std::string append_uid(UidValidity validity, const UidSet& uids) {
    std::string code = fmt::format("APPENDUID {}", validity.value);
    append_uid_set(code, uids.ranges());
    return code;
}

std::string copy_uid(UidValidity validity, const UidSet& from, const UidSet& to) {
    std::string code = fmt::format("COPYUID {}", validity.value);
    append_uid_set(code, from.ranges());
    append_uid_set(code, to.ranges());
    return code;
}

std::string highest_modseq(std::uint64_t modseq) {
    return fmt::format("HIGHESTMODSEQ {}", modseq);
}

std::string modified(std::span<const NumberRange> messages) {
    return "MODIFIED " + to_string(messages);
}

std::string no_update(std::string_view tag) {
    std::string code = "NOUPDATE ";
    append_quoted(code, tag);
    return code;
}

std::string mailbox_id(std::uint64_t mailbox) {
    return "MAILBOXID (" + object_id(ObjectKind::mailbox, mailbox) + ")";
}

} // namespace code

void append_capability(std::string& out, std::string_view names) {
    append_line(out, "CAPABILITY", names);
}

void append_enabled(std::string& out, std::span<const std::string> names) {
    out += "* ENABLED";
    for (const std::string& name : names)
        out.append(" ").append(name);
    out += "\r\n";
}

void append_flags_line(std::string& out, const FlagList& flags) {
    out += "* FLAGS ";
    append_flags(out, flags);
    out += "\r\n";
}

void append_exists(std::string& out, std::uint32_t count) {
    append_line(out, std::to_string(count), "EXISTS");
}

void append_recent(std::string& out, std::uint32_t count) {
    append_line(out, std::to_string(count), "RECENT");
}

void append_expunged(std::string& out, std::span<const SequenceNumber> numbers) {
    for (const SequenceNumber number : numbers)
        append_line(out, std::to_string(number.value), "EXPUNGE");
}

void append_vanished(std::string& out, std::span<const UidRange> uids, bool earlier) {
    if (uids.empty()) return;
    out += earlier ? "* VANISHED (EARLIER)" : "* VANISHED";
    append_uid_set(out, uids);
    out += "\r\n";
}

void append_search_begin(std::string& out) {
    out += "* SEARCH";
}

void append_search_number(std::string& out, std::uint32_t number) {
    std::array<char, 11> digits{' '};
    const std::to_chars_result end = std::to_chars(digits.data() + 1, digits.data() + digits.size(), number);
    out.append(digits.data(), end.ptr);
}

void append_namespace(std::string& out, std::string_view personal_prefix, std::string_view others_prefix) {
    out += "* NAMESPACE ((";
    append_quoted(out, personal_prefix);
    out += " \"/\")) ((";
    append_quoted(out, others_prefix);
    out += " \"/\")) NIL\r\n";
}

void append_id(std::string& out, std::span<const std::pair<std::string, std::string>> fields) {
    out += "* ID ";
    if (fields.empty()) {
        out += "NIL";
    } else {
        append_list_of(out, fields, [&](const auto& field) {
            append_string(out, field.first, {});
            out += ' ';
            append_string(out, field.second, {});
        });
    }
    out += "\r\n";
}

void append_esearch_begin(std::string& out, std::string_view tag, Numbering numbering, const EsearchCounts& counts,
                          const EsearchMailbox* mailbox) {
    out += "* ESEARCH (TAG ";
    append_quoted(out, tag);
    if (mailbox != nullptr) {
        out += " MAILBOX ";
        append_mailbox(out, mailbox->name, mailbox->enabled);
        fmt::format_to(std::back_inserter(out), " UIDVALIDITY {}", mailbox->uid_validity.value);
    }
    out += ')';
    if (numbering == Numbering::uid) out += " UID";
    if (counts.min) fmt::format_to(std::back_inserter(out), " MIN {}", *counts.min);
    if (counts.max) fmt::format_to(std::back_inserter(out), " MAX {}", *counts.max);
    if (counts.count) fmt::format_to(std::back_inserter(out), " COUNT {}", *counts.count);
}

void append_result_change(std::string& out, std::string_view tag, Numbering numbering, bool added,
                          std::span<const NumberRange> messages) {
    if (messages.empty()) return;
    append_esearch_begin(out, tag, numbering, {});
    out += added ? " ADDTO (0 " : " REMOVEFROM (0 ";
    out += to_string(messages);
    out += ")\r\n";
}

void EsearchSet::add(std::uint32_t number) {
    if (range_.first != 0 && range_.last + 1 == number) {
        range_.last = number;
        return;
    }
    finish();
    range_ = {.first = number, .last = number};
}

void EsearchSet::finish() {
    if (range_.first == 0) return;
    *out_ += first_ ? label_ : ",";
    first_ = false;
    append_range(*out_, range_);
    range_ = {};
}

FetchResponse::FetchResponse(std::string& out, SequenceNumber number, EnabledSet enabled)
    : out_(out), enabled_(enabled) {
    fmt::format_to(std::back_inserter(out_), "* {} FETCH (", number.value);
}

void FetchResponse::name(std::string_view name) {
    if (!first_) out_ += ' ';
    first_ = false;
    out_.append(name).append(" ");
}

void FetchResponse::uid(Uid uid) {
    name("UID");
    out_ += std::to_string(uid.value);
}

void FetchResponse::flags(const FlagList& flags) {
    name("FLAGS");
    append_flags(out_, flags);
}

void FetchResponse::internal_date(const DateTime& date) {
    name("INTERNALDATE");
    append_quoted(out_, to_string(date));
}

void FetchResponse::rfc822_size(std::uint64_t size) {
    name("RFC822.SIZE");
    out_ += std::to_string(size);
}

void FetchResponse::modseq(std::uint64_t modseq) {
    name("MODSEQ");
    fmt::format_to(std::back_inserter(out_), "({})", modseq);
}

void FetchResponse::email_id(std::uint64_t email) {
    name("EMAILID");
    out_ += '(' + object_id(ObjectKind::email, email) + ')';
}

void FetchResponse::thread_id(std::uint64_t thread) {
    name("THREADID");
    out_ += '(' + object_id(ObjectKind::thread, thread) + ')';
}

void FetchResponse::save_date(const DateTime& date) {
    name("SAVEDATE");
    append_quoted(out_, to_string(date));
}

void FetchResponse::preview(std::string_view text) {
    name("PREVIEW");
    append_string(out_, text, enabled_);
}

void FetchResponse::binary_size(const FetchBinarySize& item, std::uint64_t size) {
    name(response_name(item));
    out_ += std::to_string(size);
}

void FetchResponse::text(const FetchItem& item, std::optional<std::string_view> octets) {
    if (!octets) {
        name(response_name(item));
        out_ += "NIL";
        return;
    }
    // Interop: clients' libraries tell body text from other strings by its being a literal, so it always is one.
    stream(item, octets->size(), std::holds_alternative<FetchBinary>(item) && octets->contains('\0'));
    out_ += *octets;
}

void FetchResponse::stream(const FetchItem& item, std::uint64_t size, bool binary) {
    name(response_name(item));
    fmt::format_to(std::back_inserter(out_), "{}{{{}}}\r\n", binary ? "~" : "", size);
}

void FetchResponse::raw(FetchAttribute attribute, std::string_view value) {
    name(response_name(attribute));
    out_ += value;
}

void FetchResponse::finish() {
    out_ += ")\r\n";
}

} // namespace tegami::imap
