#include "discovery/query.h"

#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::discovery {

std::optional<std::string> decode_percent(std::string_view text) {
    std::string octets;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            octets += text[at];
            continue;
        }
        if (text.size() - at < 3) return std::nullopt;
        const int high = ascii::hex_value(text[at + 1]);
        const int low = ascii::hex_value(text[at + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        octets += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return octets;
}

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return std::nullopt;
    for (const std::string_view pair : ascii::split(target.substr(mark + 1), '&')) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || !ascii::iequals(pair.substr(0, equals), name)) continue;
        return decode_percent(pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::string encode_query_value(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        if (ascii::is_alnum(c) || std::string_view("-._~@").contains(c))
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

} // namespace tegami::discovery
