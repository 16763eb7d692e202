#include "base/visible.h"

#include <cstdint>
#include <limits>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace tegami {

namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";

bool is_seen(char32_t character) {
    const auto code_point = static_cast<UChar32>(character);
    constexpr std::uint32_t kNotSeen =
        U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CN_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
    return (U_GET_GC_MASK(code_point) & kNotSeen) == 0 &&
           !u_hasBinaryProperty(code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool is_variation_selector(char32_t character) {
    return (character >= 0xfe00 && character <= 0xfe0f) || (character >= 0xe0100 && character <= 0xe01ef);
}

void append_octet(std::string& out, unsigned char octet) {
    out += "\\x";
    out += kLowerHex[octet >> 4];
    out += kLowerHex[octet & 0xf];
}

void append_character(std::string& out, char32_t character) {
    if (character < 0x80) return append_octet(out, static_cast<unsigned char>(character));
    out += "\\u{";
    bool begun = false;
    for (int shift = 20; shift >= 0; shift -= 4) {
        const std::uint32_t digit = (character >> shift) & 0xf;
        begun = begun || digit != 0;
        if (begun) out += kLowerHex[digit];
    }
    out += '}';
}

/// Limit: what ICU can count; nothing that is written is nearly as long.
constexpr std::size_t kTextBytesMax = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());

} // namespace

std::string visible(std::string_view text, InvisibleForms forms) {
    std::string out;
    out.reserve(text.size());
    text = text.substr(0, kTextBytesMax);
    const auto size = static_cast<std::int32_t>(text.size());
    bool seen_before = false;
    for (std::int32_t at = 0; at < size;) {
        const std::int32_t begin = at;
        while (at < size && text[static_cast<std::size_t>(at)] >= ' ' && text[static_cast<std::size_t>(at)] <= '~')
            ++at;
        if (at > begin) {
            out += text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
            seen_before = true;
            continue;
        }
        UChar32 code_point = 0;
        U8_NEXT(text.data(), at, size, code_point);
        const std::string_view octets =
            text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
        if (code_point < 0) {
            for (const char octet : octets)
                forms.octet(out, static_cast<unsigned char>(octet));
            seen_before = false;
            continue;
        }
        const auto character = static_cast<char32_t>(code_point);
        const bool selects = seen_before && is_variation_selector(character);
        seen_before = is_seen(character);
        if (seen_before || selects)
            out += octets;
        else
            forms.character(out, character);
    }
    return out;
}

std::string visible(std::string_view text) {
    return visible(text, {.octet = append_octet, .character = append_character});
}

} // namespace tegami
