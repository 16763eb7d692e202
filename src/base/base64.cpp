#include "base/base64.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tegami::base64 {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int16_t, 256> make_values() {
    std::array<std::int16_t, 256> values{};
    values.fill(-1);
    for (std::size_t index = 0; index < kAlphabet.size(); ++index)
        values[static_cast<unsigned char>(kAlphabet[index])] = static_cast<std::int16_t>(index);
    return values;
}

constexpr auto kValues = make_values();

/// The 24 bits of four digits; negative if one is none.
constexpr std::int32_t bits_of(const char* digits) {
    std::int32_t bits = 0;
    std::int32_t faults = 0;
    for (std::size_t index = 0; index < 4; ++index) {
        const std::int32_t value = kValues[static_cast<unsigned char>(digits[index])];
        faults |= value;
        bits |= value << (18 - 6 * index);
    }
    return faults < 0 ? -1 : bits;
}

} // namespace

std::string encode(std::string_view octets) {
    std::string result;
    result.reserve((octets.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const std::size_t taken = std::min<std::size_t>(3, octets.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index)
            bits = (bits << 8) | (index < taken ? static_cast<unsigned char>(octets[at + index]) : 0U);
        for (std::size_t index = 0; index < 4; ++index)
            result += index <= taken ? kAlphabet[(bits >> (18 - 6 * index)) & 63] : '=';
    }
    return result;
}

std::optional<std::string> decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string result(text.size() / 4 * 3, '\0');
    char* out = result.data();
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::int32_t bits = 0;
        if (padding != 0 && at + 4 == text.size()) {
            std::array<char, 4> last{'A', 'A', 'A', 'A'};
            std::ranges::copy(text.substr(at, 4 - padding), last.begin());
            bits = bits_of(last.data());
            // The bits under the padding must be zero, or two texts would name one value.
            if ((bits & ((1 << (8 * padding)) - 1)) != 0) return std::nullopt;
        } else {
            bits = bits_of(text.data() + at);
        }
        if (bits < 0) return std::nullopt;
        for (const int shift : {16, 8, 0})
            *out++ = static_cast<char>(bits >> shift);
    }
    result.resize(result.size() - padding);
    return result;
}

std::string encode_url(std::string_view octets) {
    std::string text = encode(octets);
    while (text.ends_with('='))
        text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

bool is_url_text(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

std::optional<std::string> decode_url(std::string_view text) {
    if (!is_url_text(text)) return std::nullopt;
    std::string plain(text);
    std::ranges::replace(plain, '-', '+');
    std::ranges::replace(plain, '_', '/');
    plain.append((4 - plain.size() % 4) % 4, '=');
    return decode(plain);
}

} // namespace tegami::base64
