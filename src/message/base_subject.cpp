#include "message/base_subject.h"

#include "base/ascii.h"
#include "message/encoded_word.h"

namespace tegami::message {

namespace {

bool is_wsp(char c) {
    return c == ' ' || c == '\t';
}

/// Step 1: encoded words decoded; any run of tabs, line ends and spaces is one space.
std::string plain_text(std::string_view value) {
    std::string text;
    for (const char c : decode_encoded_words(value)) {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            text += c;
        else if (!text.ends_with(' '))
            text += ' ';
    }
    return text;
}

/// Octets of the subj-blob, with the space behind it, at the front of the text; 0 if there is none.
std::size_t blob_length(std::string_view text) {
    if (!text.starts_with('[')) return 0;
    const std::size_t end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] != ']') return 0;
    std::size_t length = end + 1;
    while (length < text.size() && is_wsp(text[length]))
        ++length;
    return length;
}

/// Octets of the subj-refwd at the front of the text; 0 if there is none.
std::size_t refwd_length(std::string_view text) {
    std::size_t at = 0;
    if (ascii::istarts_with(text, "re"))
        at = 2;
    else if (ascii::istarts_with(text, "fwd"))
        at = 3;
    else if (ascii::istarts_with(text, "fw"))
        at = 2;
    else
        return 0;
    while (at < text.size() && is_wsp(text[at]))
        ++at;
    at += blob_length(text.substr(at));
    return at < text.size() && text[at] == ':' ? at + 1 : 0;
}

/// Step 2.
bool remove_trailers(std::string_view& text) {
    constexpr std::string_view kForwarded = "(fwd)";
    bool reply = false;
    while (!text.empty()) {
        if (is_wsp(text.back())) {
            text.remove_suffix(1);
        } else if (text.size() >= kForwarded.size() &&
                   ascii::iequals(text.substr(text.size() - kForwarded.size()), kForwarded)) {
            text.remove_suffix(kForwarded.size());
            reply = true;
        } else {
            break;
        }
    }
    return reply;
}

/// Steps 3 to 5. A row of blobs that no "Re:" follows is looked at once: step 4 takes all of them, or all but the last
/// where nothing would be left.
bool remove_leaders(std::string_view& text) {
    bool reply = false;
    while (!text.empty()) {
        if (is_wsp(text.front())) {
            text.remove_prefix(1);
            continue;
        }
        std::size_t behind = 0;     // the blobs
        std::size_t last_start = 0; // of the last blob
        for (std::size_t length = blob_length(text); length != 0; length = blob_length(text.substr(behind))) {
            last_start = behind;
            behind += length;
        }
        const std::size_t refwd = refwd_length(text.substr(behind));
        if (refwd != 0) {
            text.remove_prefix(behind + refwd);
            reply = true;
            continue;
        }
        text.remove_prefix(behind < text.size() ? behind : last_start);
        return reply;
    }
    return reply;
}

} // namespace

BaseSubject base_subject(std::string_view value) {
    constexpr std::string_view kForwardHeader = "[fwd:";
    const std::string whole = plain_text(value.substr(0, kBaseSubjectBytesMax));
    std::string_view text = whole;
    BaseSubject base;
    while (true) {
        base.is_reply |= remove_trailers(text);
        base.is_reply |= remove_leaders(text);
        // Step 6.
        if (!ascii::istarts_with(text, kForwardHeader) || !text.ends_with(']')) break;
        text = text.substr(kForwardHeader.size(), text.size() - kForwardHeader.size() - 1);
        base.is_reply = true;
    }
    base.text = text;
    return base;
}

} // namespace tegami::message
