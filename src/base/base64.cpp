#include "base/base64.h"

#include <array>
#include <cstdint>

namespace tegami::base64 {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t index = 0; index < kAlphabet.size(); ++index)
        values[static_cast<unsigned char>(kAlphabet[index])] = static_cast<std::int8_t>(index);
    return values;
}

constexpr auto kValues = make_values();

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
    std::string result;
    result.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        const std::size_t padding = last ? (text[at + 3] == '=') + (text[at + 3] == '=' && text[at + 2] == '=') : 0;
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 4; ++index) {
            const std::int8_t value =
                index + padding < 4 ? kValues[static_cast<unsigned char>(text[at + index])] : std::int8_t{0};
            if (value < 0) return std::nullopt;
            bits = (bits << 6) | static_cast<std::uint32_t>(value);
        }
        for (std::size_t index = 0; index < 3 - padding; ++index)
            result += static_cast<char>((bits >> (16 - 8 * index)) & 0xff);
        // The bits under the padding must be zero, or two texts would name one value.
        if ((padding == 1 && (bits & 0xff) != 0) || (padding == 2 && (bits & 0xffff) != 0)) return std::nullopt;
    }
    return result;
}

} // namespace tegami::base64
