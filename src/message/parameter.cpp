// Parameter values of MIME fields: RFC 2231 continuations and charsets, both ways (declared in encoded_word.h).
#include "base/ascii.h"
#include "message/charset.h"
#include "message/encoded_word.h"

#include <algorithm>
#include <map>

namespace tegami::message {
namespace {

/// Limit: sections of one value, as many as there can be parameters.
constexpr unsigned kSectionsMax = 1'000;
/// Limit: octets of one `name=value` piece, so that it fits into a line.
constexpr std::size_t kPieceMax = 74;

struct Section {
    std::string_view value;
    bool extended = false; ///< has percent signs; the first one also charset and language
};

std::string decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape = text[at] == '%' && at + 2 < text.size() && ascii::is_hex_digit(text[at + 1]) &&
                            ascii::is_hex_digit(text[at + 2]);
        if (escape) {
            out += static_cast<char>(ascii::hex_value(text[at + 1]) * 16 + ascii::hex_value(text[at + 2]));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

/// Takes `charset'language'` from the front of an extended value. Without both quotes there is no charset.
std::string_view take_charset(std::string_view& value) {
    const std::size_t first = value.find('\'');
    if (first == value.npos) return {};
    const std::size_t second = value.find('\'', first + 1);
    if (second == value.npos) return {};
    const std::string_view charset = value.substr(0, first);
    value.remove_prefix(second + 1);
    return charset;
}

std::string decode_sections(const std::map<unsigned, Section>& sections) {
    std::string octets;
    std::string_view charset;
    bool extended = false;
    unsigned expected = 0;
    for (const auto& [number, section] : sections) {
        // RFC 2231 §3: numbers must not have gaps; what comes after one is of something lost.
        if (number != expected++) break;
        std::string_view value = section.value;
        if (number == 0 && section.extended) charset = take_charset(value);
        extended = extended || section.extended;
        octets += section.extended ? decode_percent(value) : std::string(value);
    }
    return extended ? to_utf8_guessing(octets, charset) : decode_encoded_words(octets);
}

/// The section number in what follows the name: `` (none), `*`, `*0`, `*0*`.
std::optional<std::pair<unsigned, bool>> read_suffix(std::string_view suffix) {
    if (suffix == "*") return std::pair(0U, true);
    if (!suffix.starts_with('*')) return std::nullopt;
    suffix.remove_prefix(1);
    const bool extended = suffix.ends_with('*');
    if (extended) suffix.remove_suffix(1);
    const auto number = ascii::parse_number<unsigned>(suffix);
    if (!number || *number > kSectionsMax) return std::nullopt;
    return std::pair(*number, extended);
}

bool is_attribute_octet(char c) {
    return ascii::is_alnum(c) || (c != '\0' && std::string_view("!#$&+-.^_`{|}~").contains(c));
}

} // namespace

std::optional<std::string> decode_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
    std::map<unsigned, Section> sections;
    const Parameter* plain = nullptr;
    for (const Parameter& parameter : parameters) {
        if (!ascii::istarts_with(parameter.name, name)) continue;
        const std::string_view suffix = std::string_view(parameter.name).substr(name.size());
        if (suffix.empty()) {
            if (plain == nullptr) plain = &parameter;
        } else if (const auto section = read_suffix(suffix)) {
            sections.try_emplace(section->first, Section{parameter.value, section->second});
        }
    }
    // RFC 2231 says nothing of both; RFC 6266 §4.3 prefers the extended one, and so do mail programs.
    if (sections.contains(0)) return decode_sections(sections);
    if (plain != nullptr) return decode_encoded_words(plain->value);
    return std::nullopt;
}

std::vector<std::string> encode_parameter(std::string_view name, std::string_view utf8) {
    const std::string text = repair_utf8(utf8);
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || ascii::is_vchar(c); });
    if (printable && !text.contains("=?") && text.size() + name.size() + 3 <= kPieceMax) {
        std::string piece = std::string(name) + "=";
        if (!text.empty() && std::all_of(text.begin(), text.end(), is_attribute_octet)) return {piece + text};
        piece += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') piece += '\\';
            piece += c;
        }
        piece += '"';
        return {piece};
    }
    std::vector<std::string> escaped;
    std::size_t total = name.size() + std::string_view("*=UTF-8''").size();
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (is_attribute_octet(c))
            escaped.emplace_back(1, c);
        else
            escaped.push_back({'%', ascii::kUpperHex[octet >> 4], ascii::kUpperHex[octet & 15]});
        total += escaped.back().size();
    }
    std::vector<std::string> pieces;
    std::string piece = std::string(name) + (total <= kPieceMax ? "*=UTF-8''" : "*0*=UTF-8''");
    for (const std::string& octet : escaped) {
        if (piece.size() + octet.size() > kPieceMax) {
            pieces.push_back(std::move(piece));
            piece = std::string(name) + "*" + std::to_string(pieces.size()) + "*=";
        }
        piece += octet;
    }
    pieces.push_back(std::move(piece));
    return pieces;
}

} // namespace tegami::message
