#include "protocol/jmap/mail/body_value.h"

#include "message/charset.h"
#include "message/utf8.h"

namespace tegami::jmap {

namespace {

using message::TransferEncoding;

bool is_problem(const message::Part& part, std::string_view octets, const std::string& label) {
    if (part.encoding == TransferEncoding::unknown) return true;
    const auto strictly = message::to_utf8(octets, label.empty() ? "us-ascii" : std::string_view(label));
    return !strictly || strictly->contains(message::kReplacement);
}

/// RFC 8621 §4.1.4: every CR LF is one LF.
void use_line_feeds(std::string& text) {
    std::size_t to = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
        text[to++] = text[at];
    }
    text.resize(to);
}

/// RFC 8621 §4.2: not within a character, nor within a tag.
void truncate(std::string& text, std::uint64_t bytes_max, bool html) {
    text.resize(message::utf8_prefix(text, bytes_max).size());
    if (!html) return;
    const std::size_t open = text.rfind('<');
    if (open != std::string::npos && text.find('>', open) == std::string::npos) text.resize(open);
}

} // namespace

json::object body_value(const message::Part& part, std::string_view encoded, std::uint64_t bytes_max) {
    const std::string octets = message::decode_transfer(encoded, part.encoding);
    const std::string label = part.content_type.parameter("charset");
    std::string text = message::to_utf8_guessing(octets, label);
    use_line_feeds(text);
    const bool truncated = bytes_max > 0 && text.size() > bytes_max;
    if (truncated) truncate(text, bytes_max, part.content_type.is("text", "html"));
    return {{"value", text}, {"isEncodingProblem", is_problem(part, octets, label)}, {"isTruncated", truncated}};
}

} // namespace tegami::jmap
