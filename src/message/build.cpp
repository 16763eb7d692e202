#include "message/build.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "message/encoded_word.h"
#include "message/utf8.h"

namespace tegami::message {
namespace {

/// Where lines are folded (RFC 5322 §2.1.1), and where a word that has no space is broken so that its line is legal.
constexpr std::size_t kFoldColumn = 76;
constexpr std::size_t kHardFoldColumn = 900;

/// One line: line ends, NULs and other controls become spaces.
std::string one_line(std::string_view text) {
    std::string line(ascii::trim(text));
    for (char& c : line)
        if (ascii::is_control(c)) c = ' ';
    return line;
}

/// Appends `value` after what is in `out`, broken before single spaces. `column`: of the line begun in `out`.
void append_folded(std::string& out, std::string_view value, std::size_t column) {
    std::size_t at = 0;
    while (at < value.size()) {
        // A word with the spaces before it.
        const std::size_t word = std::min(value.find_first_not_of(' ', at), value.size());
        const std::size_t end = std::min(value.find(' ', word), value.size());
        std::string_view piece = value.substr(at, end - at);
        at = end;
        if (column + piece.size() > kFoldColumn && piece.starts_with(' ') && piece.size() > 1 && column > 1) {
            out += "\r\n";
            column = 0;
        }
        while (column + piece.size() > kHardFoldColumn) {
            const std::string_view head = utf8_prefix(piece, kHardFoldColumn - std::min(column, kHardFoldColumn - 10));
            out.append(head).append("\r\n ");
            piece.remove_prefix(head.size());
            column = 1;
        }
        out += piece;
        column += piece.size();
    }
}

std::string quoted_or_atoms(std::string_view utf8) {
    const std::string line = one_line(repair_utf8(utf8));
    std::vector<HeaderAddress> name_only{{.name = line}};
    std::string printed = print_address_list(name_only);
    // What follows the name is an empty address.
    printed.resize(printed.size() - std::string_view(" <>").size());
    return printed;
}

std::string print_entry(const HeaderAddress& entry, bool smtputf8) {
    std::string name;
    if (!entry.name.empty()) name = smtputf8 ? quoted_or_atoms(entry.name) : encode_phrase(entry.name);
    if (entry.kind == HeaderAddress::Kind::group_start) return name + ":";
    if (entry.kind == HeaderAddress::Kind::group_end) return ";";
    std::string address;
    if (const auto email = entry.email())
        address = smtputf8 ? email->display() : email->to_string();
    else if (!entry.domain.empty())
        address = one_line(quote_local_part(entry.local_part) + "@" + entry.domain);
    else if (!entry.local_part.empty())
        address = one_line(quote_local_part(entry.local_part));
    if (name.empty() && !entry.domain.empty()) return address;
    return (name.empty() ? "" : name + " ") + "<" + address + ">";
}

} // namespace

HeaderWriter& HeaderWriter::text(std::string_view name, std::string_view utf8) {
    return raw(name, smtputf8_ ? repair_utf8(utf8) : encode_words(utf8, name.size() + 2));
}

HeaderWriter& HeaderWriter::raw(std::string_view name, std::string_view value) {
    ASSERT(is_field_name(name));
    out_ += name;
    out_ += ": ";
    append_folded(out_, one_line(value), name.size() + 2);
    out_ += "\r\n";
    return *this;
}

HeaderWriter& HeaderWriter::addresses(std::string_view name, const std::vector<HeaderAddress>& list) {
    std::string value;
    bool separate = false;
    for (const HeaderAddress& entry : list) {
        const bool group_end = entry.kind == HeaderAddress::Kind::group_end;
        if (separate && !group_end) value += ',';
        if (!value.empty() && !group_end) value += ' ';
        value += print_entry(entry, smtputf8_);
        separate = entry.kind != HeaderAddress::Kind::group_start;
    }
    return raw(name, value);
}

HeaderWriter& HeaderWriter::date(std::string_view name, const DateTime& date) {
    return raw(name, print_date(date));
}

HeaderAddress header_address(const EmailAddress& address, std::string_view name) {
    return {.name = std::string(name), .local_part = address.local_part, .domain = address.domain.ascii()};
}

MissingFields missing_fields(const Header& header) {
    return {.date = !header.contains("Date"),
            .message_id = !header.contains("Message-ID"),
            .from = !header.contains("From")};
}

std::string fields_to_add(const MissingFields& missing, const DateTime& now, std::string_view message_id,
                          const std::optional<EmailAddress>& from) {
    HeaderWriter header(from && !from->is_ascii());
    if (missing.date) header.date("Date", now);
    if (missing.from && from) header.addresses("From", {header_address(*from)});
    if (missing.message_id) header.raw("Message-ID", "<" + std::string(message_id) + ">");
    return header.str();
}

} // namespace tegami::message
