#include "trust/spf/macro.h"

#include "base/ascii.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace tegami::spf {
namespace {

constexpr std::string_view kLetters = "slodipvhcrt";
/// RFC 7208 §7.2: only in explanations.
constexpr std::string_view kExplanationLetters = "crt";
constexpr std::string_view kDelimiters = ".-+,/_=";
/// Limit: parts that a macro keeps; more than any value has.
constexpr std::size_t kPartsMax = 1000;

void append_literal(std::vector<MacroPart>& parts, std::string_view octets) {
    if (parts.empty() || parts.back().letter != '\0') parts.emplace_back();
    parts.back().literal += octets;
}

/// What stands between "%{" and "}": macro-letter transformers *delimiter (RFC 7208 §7.1).
std::optional<MacroPart> parse_macro(std::string_view text) {
    MacroPart part;
    if (text.empty()) return std::nullopt;
    part.letter = ascii::to_lower(text.front());
    part.url_escape = ascii::is_upper(text.front());
    if (!kLetters.contains(part.letter)) return std::nullopt;
    text.remove_prefix(1);
    part.split = !text.empty();
    const bool has_digits = !text.empty() && ascii::is_digit(text.front());
    for (; !text.empty() && ascii::is_digit(text.front()); text.remove_prefix(1))
        part.keep = std::min(part.keep * 10 + static_cast<std::size_t>(text.front() - '0'), kPartsMax);
    if (has_digits && part.keep == 0) return std::nullopt;
    part.reverse = !text.empty() && ascii::to_lower(text.front()) == 'r';
    if (part.reverse) text.remove_prefix(1);
    if (text.find_first_not_of(kDelimiters) != std::string_view::npos) return std::nullopt;
    part.delimiters = text;
    return part;
}

struct Parsed {
    std::vector<MacroPart> parts;
    std::size_t macros_end = 0; ///< where in the text the last macro-expand ends
};

std::optional<Parsed> parse_parts(std::string_view text) {
    Parsed parsed;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        const std::string_view two = rest.substr(0, 2);
        std::size_t length = 2;
        if (rest.front() != '%') {
            length = std::min(rest.find('%'), rest.size());
            append_literal(parsed.parts, rest.substr(0, length));
        } else if (two == "%%") {
            append_literal(parsed.parts, "%");
        } else if (two == "%_") {
            append_literal(parsed.parts, " ");
        } else if (two == "%-") {
            append_literal(parsed.parts, "%20");
        } else if (const std::size_t end = rest.find('}'); two == "%{" && end != std::string_view::npos) {
            auto part = parse_macro(rest.substr(2, end - 2));
            if (!part) return std::nullopt;
            parsed.parts.push_back(*std::move(part));
            length = end + 1;
        } else {
            return std::nullopt;
        }
        at += length;
        if (rest.front() == '%') parsed.macros_end = at;
    }
    return parsed;
}

/// toplabel of RFC 7208 §7.1.
bool is_top_label(std::string_view text) {
    if (text.empty() || !ascii::is_alnum(text.front()) || !ascii::is_alnum(text.back())) return false;
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '-'; };
    return std::ranges::all_of(text, fits) && !std::ranges::all_of(text, ascii::is_digit);
}

/// Whether a text ends with a domain-end (RFC 7208 §7.1); `literal`: what follows its last macro-expand.
bool has_domain_end(std::string_view text, std::string_view literal) {
    if (literal.empty()) return !text.empty();
    if (literal.ends_with('.')) literal.remove_suffix(1);
    const std::size_t dot = literal.rfind('.');
    return dot != std::string_view::npos && is_top_label(literal.substr(dot + 1));
}

/// The octets in network order, or the sixteenths of IPv6, with dots (RFC 7208 §7.3).
std::string dotted(const IpAddress& address) {
    if (address.is_v4()) return address.to_string();
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const char octet : address.octets()) {
        const auto value = static_cast<unsigned char>(octet);
        for (const char digit : {kHex[value >> 4], kHex[value & 0xf]}) {
            if (!text.empty()) text += '.';
            text += digit;
        }
    }
    return text;
}

std::string_view family(const IpAddress& address) {
    return address.is_v4() ? "in-addr" : "ip6";
}

std::string value_of(char letter, const MacroValues& values) {
    switch (letter) {
    case 's': return values.local_part + "@" + values.sender_domain;
    case 'l': return values.local_part;
    case 'o': return values.sender_domain;
    case 'd': return values.domain;
    case 'i': return dotted(values.client);
    case 'p': return values.client_name;
    case 'v': return std::string(family(values.client));
    case 'h': return values.helo;
    case 'c': return values.client.to_string();
    case 'r': return values.receiver;
    case 't':
        return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(values.time.time_since_epoch()).count());
    default: std::unreachable();
    }
}

/// Splits, reverses, keeps the right-hand parts and joins with dots (RFC 7208 §7.3).
std::string transform(const MacroPart& part, std::string_view value) {
    const std::string_view delimiters = part.delimiters.empty() ? "." : std::string_view(part.delimiters);
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find_first_of(delimiters, at), value.size());
        pieces.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    if (part.reverse) std::ranges::reverse(pieces);
    const std::size_t dropped = part.keep == 0 ? 0 : pieces.size() - std::min(part.keep, pieces.size());
    std::string joined;
    for (std::size_t i = dropped; i < pieces.size(); ++i) {
        if (i > dropped) joined += '.';
        joined += pieces[i];
    }
    return joined;
}

/// Octets that are not unreserved (RFC 3986 §2.3) as %HH.
std::string url_escaped(std::string_view value) {
    std::string escaped;
    for (const char c : value) {
        if (ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            escaped += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        escaped += '%';
        escaped += ascii::kUpperHex[octet >> 4];
        escaped += ascii::kUpperHex[octet & 0xf];
    }
    return escaped;
}

std::string expand_part(const MacroPart& part, const MacroValues& values) {
    if (part.letter == '\0') return part.literal;
    std::string value = value_of(part.letter, values);
    if (part.split) value = transform(part, value);
    return part.url_escape ? url_escaped(value) : value;
}

} // namespace

std::optional<MacroString> MacroString::parse_domain(std::string_view text) {
    auto parsed = parse_parts(text);
    if (!std::ranges::all_of(text, ascii::is_vchar) || !parsed) return std::nullopt;
    MacroString string(std::move(parsed->parts));
    if (!has_domain_end(text, text.substr(parsed->macros_end)) || string.uses(kExplanationLetters)) return std::nullopt;
    return string;
}

std::optional<MacroString> MacroString::parse_explanation(std::string_view text) {
    auto parsed = parse_parts(text);
    if (!std::ranges::all_of(text, [](char c) { return c == ' ' || ascii::is_vchar(c); }) || !parsed)
        return std::nullopt;
    return MacroString(std::move(parsed->parts));
}

std::optional<MacroString> MacroString::parse(std::string_view text) {
    if (text.contains(' ')) return std::nullopt;
    return parse_explanation(text);
}

bool MacroString::uses(std::string_view letters) const {
    return std::ranges::any_of(parts_, [&](const MacroPart& part) { return letters.contains(part.letter); });
}

std::string expand(const MacroString& text, const MacroValues& values, std::size_t bytes_max) {
    std::string expanded;
    for (const MacroPart& part : std::views::reverse(text.parts())) {
        expanded.insert(0, expand_part(part, values));
        if (expanded.size() > bytes_max) break;
    }
    return expanded;
}

} // namespace tegami::spf
