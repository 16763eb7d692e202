#include "protocol/sasl/message_syntax.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

#include <algorithm>

namespace tegami::sasl {

std::optional<std::string_view> take_attribute(std::string_view& rest, char letter) {
    if (rest.size() < 2 || rest[0] != letter || rest[1] != '=') return std::nullopt;
    const std::size_t comma = rest.find(',');
    const std::string_view value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    return value;
}

std::optional<std::string> decode_saslname(std::string_view text) {
    std::string name;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\0' || text[at] == ',') return std::nullopt;
        if (text[at] != '=') {
            name += text[at];
            continue;
        }
        const std::string_view escape = text.substr(at, 3);
        if (escape == "=2C")
            name += ',';
        else if (escape == "=3D")
            name += '=';
        else
            return std::nullopt;
        at += 2;
    }
    if (name.empty()) return std::nullopt;
    return name;
}

std::string encode_saslname(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == ',')
            text += "=2C";
        else if (c == '=')
            text += "=3D";
        else
            text += c;
    }
    return text;
}

bool is_nonce(std::string_view text) {
    return !text.empty() && text.size() <= kNonceBytesMax &&
           std::ranges::all_of(text, [](char c) { return ascii::is_vchar(c) && c != ','; });
}

std::string make_nonce(RandomSource& random) {
    std::string octets(18, '\0');
    random.fill(octets.data(), octets.size());
    return base64::encode(octets);
}

std::string combine(std::string_view a, std::string_view b) {
    ASSERT(a.size() == b.size());
    std::string result(a);
    for (std::size_t at = 0; at < b.size(); ++at)
        result[at] = static_cast<char>(result[at] ^ b[at]);
    return result;
}

} // namespace tegami::sasl
