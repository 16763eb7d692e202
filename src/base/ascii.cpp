#include "base/ascii.h"

namespace tegami::ascii {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_lower);
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_upper);
    return result;
}

namespace {

template <class Is>
std::string_view trim_what(std::string_view text, Is is) {
    while (!text.empty() && is(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace

std::string_view trim(std::string_view text) {
    return trim_what(text, is_space);
}

std::string_view trim_wsp(std::string_view text) {
    return trim_what(text, is_wsp);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    pieces.reserve(1 + static_cast<std::size_t>(std::ranges::count(text, separator)));
    for (;;) {
        const auto at = text.find(separator);
        pieces.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return pieces;
        text.remove_prefix(at + 1);
    }
}

std::string printable(std::string_view text, std::size_t bytes_max) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        if (result.size() >= bytes_max) return result + "…";
        if (c == ' ' || is_vchar(c)) {
            result += c;
        } else {
            const auto octet = static_cast<unsigned char>(c);
            result += "\\x";
            result += kHex[octet >> 4];
            result += kHex[octet & 0xf];
        }
    }
    return result;
}

bool has_high_octet(std::string_view octets) {
    std::size_t at = 0;
    for (; at + 8 <= octets.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, octets.data() + at, 8);
        if ((eight & 0x8080808080808080ULL) != 0) return true;
    }
    return std::any_of(octets.begin() + static_cast<std::ptrdiff_t>(at), octets.end(), is_high);
}

} // namespace tegami::ascii
