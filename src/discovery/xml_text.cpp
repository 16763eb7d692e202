#include "discovery/xml_text.h"

#include "message/utf8.h"

namespace tegami::discovery {

namespace {

/// U+FFFE and U+FFFF in UTF-8.
constexpr std::string_view kNoCharacters[] = {"\xef\xbf\xbe", "\xef\xbf\xbf"};

} // namespace

std::string xml_text(std::string_view text) {
    const std::string repaired = message::repair_utf8(text);
    std::string escaped;
    for (std::size_t at = 0; at < repaired.size(); ++at) {
        const char c = repaired[at];
        const std::string_view character = std::string_view(repaired).substr(at, 3);
        if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else if (c == '>')
            escaped += "&gt;";
        else if (c == '"')
            escaped += "&quot;";
        else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n')
            escaped += message::kReplacement;
        else if (character == kNoCharacters[0] || character == kNoCharacters[1]) {
            escaped += message::kReplacement;
            at += 2;
        } else
            escaped += c;
    }
    return escaped;
}

} // namespace tegami::discovery
