// ASCII tools that know no locale: protocols are defined on octets, so <cctype> is never right here.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::ascii {

inline constexpr std::string_view kUpperHex = "0123456789ABCDEF";

constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_alpha(char c) {
    return is_upper(c) || is_lower(c);
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_alnum(char c) {
    return is_alpha(c) || is_digit(c);
}

constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Space or horizontal tab: WSP of RFC 5234 §B.1.
constexpr bool is_wsp(char c) {
    return c == ' ' || c == '\t';
}

constexpr bool is_space(char c) {
    return is_wsp(c) || c == '\r' || c == '\n';
}

/// Printable ASCII without space: VCHAR of RFC 5234 §B.1.
constexpr bool is_vchar(char c) {
    return c > ' ' && c < '\x7f';
}

constexpr bool is_control(char c) {
    return (c >= 0 && c < ' ') || c == '\x7f';
}

/// An octet with the high bit set, so not ASCII.
constexpr bool is_high(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

bool has_high_octet(std::string_view octets);

constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr char to_upper(char c) {
    return is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c;
}

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// Equal but for the case of ASCII letters.
constexpr bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

constexpr bool istarts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

/// Orders texts as if all letters were lower case; for maps keyed by protocol names.
struct CaseInsensitiveLess {
    using is_transparent = void;

    bool operator()(std::string_view a, std::string_view b) const {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [](char x, char y) { return to_lower(x) < to_lower(y); });
    }
};

/// The text without spaces, tabs and line ends at both ends.
std::string_view trim(std::string_view text);
/// The same for spaces and tabs alone.
std::string_view trim_wsp(std::string_view text);

/// The pieces between separators; an empty text gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The decimal number that is the whole text (digits only, no sign, no space), or nothing if it is not one or
/// does not fit.
template <std::unsigned_integral T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Text that is safe to show in a log line or a reply: control and non-ASCII octets as \xHH, cut at `bytes_max`.
std::string printable(std::string_view text, std::size_t bytes_max = 200);

} // namespace tegami::ascii
