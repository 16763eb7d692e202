#include "trust/dkim/tag_list.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::dkim {
namespace {

bool is_tag_name(std::string_view text) {
    return !text.empty() && ascii::is_alpha(text.front()) &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

/// VALCHAR and spaces. Without branches, so that the compiler looks at many octets in one step.
bool has_only_value_octets(std::string_view text) {
    bool all = true;
    for (const char c : text)
        all &= (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') | (c == '\t');
    return all;
}

/// These, and line ends only where the next line begins with space (FWS of RFC 6376 §2.8).
bool is_value(std::string_view text) {
    while (true) {
        const std::size_t line = std::min(text.find('\r'), text.size());
        if (!has_only_value_octets(text.substr(0, line))) return false;
        text.remove_prefix(line);
        if (text.empty()) return true;
        if (text.size() < 3 || text[1] != '\n' || !ascii::is_wsp(text[2])) return false;
        text.remove_prefix(2);
    }
}

} // namespace

Result<TagList, TagListFault> TagList::parse(std::string_view text) {
    if (text.size() > kTagListBytesMax) return failure(TagListFault{});
    TagList list;
    list.tags_.reserve(16);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        const std::string_view spec = text.substr(at, end - at);
        // One ";" may end the list, and space stand behind it.
        if (end == text.size() && !list.tags_.empty() && is_value(spec) && ascii::trim(spec).empty()) break;
        const std::size_t equals = spec.find('=');
        const std::string_view before = spec.substr(0, equals);
        const std::string_view name = ascii::trim(before);
        if (equals == spec.npos || !is_value(before) || !is_tag_name(name)) return failure(TagListFault{});
        const std::string_view value = spec.substr(equals + 1);
        if (!is_value(value) || list.find(name) != nullptr || list.tags_.size() == kTagsMax)
            return failure(TagListFault{std::string(name)});
        list.tags_.push_back(
            {.name = name, .value = ascii::trim(value), .begin = at + equals + 1, .end = at + spec.size()});
        at = end + 1;
    }
    if (list.tags_.empty()) return failure(TagListFault{});
    return list;
}

const Tag* TagList::find(std::string_view name) const {
    const auto found = std::ranges::find(tags_, name, &Tag::name);
    return found == tags_.end() ? nullptr : &*found;
}

std::string without_space(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    while (!value.empty()) {
        const auto word = std::ranges::find_if(value, ascii::is_space);
        out.append(value.begin(), word);
        value.remove_prefix(static_cast<std::size_t>(word - value.begin()));
        value.remove_prefix(std::min<std::size_t>(value.size(), 1));
    }
    return out;
}

std::vector<std::string_view> colon_list(std::string_view value) {
    std::vector<std::string_view> items = ascii::split(value, ':');
    for (std::string_view& item : items)
        item = ascii::trim(item);
    return items;
}

bool contains(const std::vector<std::string_view>& items, std::string_view item) {
    return std::ranges::find(items, item) != items.end();
}

} // namespace tegami::dkim
