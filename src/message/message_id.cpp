#include "message/message_id.h"

#include "base/ascii.h"

#include <algorithm>
#include <unordered_set>

namespace tegami::message {
namespace {

/// The id between the brackets without the white space that folding left in it; empty if there is none.
std::string clean_id(std::string_view text) {
    std::string id;
    for (const char c : text)
        if (!ascii::is_space(c) && !ascii::is_control(c)) id += c;
    if (id.size() > kMessageIdBytesMax) id.clear();
    return id;
}

/// Everything in angle brackets outside comments and quoted strings.
std::vector<std::string> bracketed(std::string_view value) {
    std::vector<std::string> ids;
    int depth = 0;
    std::size_t at = 0;
    while (at < value.size()) {
        const char c = value[at];
        if (c == '\\') {
            at += 2;
        } else if (c == '(' || (c == ')' && depth > 0)) {
            depth += c == '(' ? 1 : -1;
            ++at;
        } else if (c == '<' && depth == 0) {
            // An id ends at its bracket; another opening bracket means that the first was never closed.
            const std::size_t end = value.find_first_of("<>", at + 1);
            const std::string id = clean_id(value.substr(at + 1, end == value.npos ? value.npos : end - at - 1));
            if (!id.empty()) ids.push_back(id);
            if (end == value.npos) break;
            at = value[end] == '>' ? end + 1 : end;
        } else {
            ++at;
        }
    }
    return ids;
}

} // namespace

std::vector<std::string> parse_message_ids(std::string_view value) {
    std::vector<std::string> ids = bracketed(value);
    if (ids.empty() && value.find('<') == value.npos) {
        // Interop: ids without brackets, as some mailing list software writes them.
        std::size_t at = 0;
        while (at < value.size()) {
            const std::size_t end = std::min(value.find_first_of(" \t\r\n", at), value.size());
            const std::string_view word = value.substr(at, end - at);
            if (word.contains('@') && word.size() <= kMessageIdBytesMax) ids.push_back(clean_id(word));
            at = end + 1;
        }
    }
    std::unordered_set<std::string_view> seen;
    std::vector<std::string> unique;
    for (const std::string& id : ids)
        if (seen.insert(id).second) unique.push_back(id);
    if (unique.size() > kMessageIdsMax)
        unique.erase(unique.begin(), unique.end() - static_cast<std::ptrdiff_t>(kMessageIdsMax));
    return unique;
}

std::optional<std::string> parse_message_id(std::string_view value) {
    std::vector<std::string> ids = parse_message_ids(value);
    if (ids.empty()) return std::nullopt;
    return std::move(ids.front());
}

} // namespace tegami::message
