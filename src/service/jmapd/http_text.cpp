#include "service/jmapd/http_text.h"

#include "base/ascii.h"
#include "discovery/query.h"
#include "message/content_type.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

/// tchar (RFC 9110 §5.6.2)
bool is_token(std::string_view text) {
    static constexpr std::string_view kOthers = "!#$%&'+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || kOthers.contains(c); });
}

} // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return std::nullopt;
    std::vector<std::string> segments;
    for (const std::string_view raw : ascii::split(path.substr(prefix.size()), '/')) {
        auto segment = discovery::decode_percent(raw);
        if (!segment) return std::nullopt;
        segments.push_back(*std::move(segment));
    }
    return segments;
}

AskedRange parse_range(std::string_view field, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    field = ascii::trim_wsp(field);
    if (!ascii::istarts_with(field, kUnit)) return {};
    const std::string_view range = ascii::trim_wsp(field.substr(kUnit.size()));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = ascii::parse_number<std::uint64_t>(range.substr(0, dash));
    const auto last = ascii::parse_number<std::uint64_t>(range.substr(dash + 1));
    const bool open = dash + 1 == range.size();
    if (dash == 0) {
        if (!last) return {};
        if (*last == 0 || size == 0) return {.kind = RangeKind::unsatisfiable};
        const std::uint64_t length = std::min(*last, size);
        return {.kind = RangeKind::part, .octets = {.begin = size - length, .length = length}};
    }
    if (!first || (!open && (!last || *last < *first))) return {};
    if (*first >= size) return {.kind = RangeKind::unsatisfiable};
    const std::uint64_t end = open ? size : std::min(*last, size - 1) + 1;
    return {.kind = RangeKind::part, .octets = {.begin = *first, .length = end - *first}};
}

std::string media_type(std::string_view asked) {
    const auto type = message::parse_content_type(asked);
    if (!type || !is_token(type->type) || !is_token(type->subtype)) return "application/octet-stream";
    std::string text = type->type + "/" + type->subtype;
    const std::string charset = type->parameter("charset");
    if (is_token(charset)) text += "; charset=" + charset;
    return text;
}

} // namespace tegami::jmapd
