#include "app/configuration/config_edit.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace tegami::app {

namespace {

/// The name in a line such as `[resolver]`.
std::optional<std::string_view> section_of(std::string_view line) {
    line = ascii::trim(line);
    if (!line.starts_with('[') || line.starts_with("[[")) return std::nullopt;
    const auto end = line.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return ascii::trim(line.substr(1, end - 1));
}

enum class Line { other, set, commented };

Line kind_of(std::string_view line, std::string_view name) {
    line = ascii::trim(line);
    const bool commented = line.starts_with('#');
    if (commented) line = ascii::trim(line.substr(1));
    if (!line.starts_with(name)) return Line::other;
    if (!ascii::trim(line.substr(name.size())).starts_with('=')) return Line::other;
    return commented ? Line::commented : Line::set;
}

} // namespace

std::string toml_text(std::string_view text) {
    std::string toml = "\"";
    for (const char octet : text) {
        if (octet == '"' || octet == '\\')
            toml += fmt::format("\\{}", octet);
        else if (static_cast<unsigned char>(octet) < ' ' || octet == '\x7f')
            toml += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(octet)));
        else
            toml += octet;
    }
    return toml + '"';
}

std::string with_key(std::string_view text, std::string_view key, std::string_view value) {
    const auto dot = key.rfind('.');
    const std::string_view section = dot == std::string_view::npos ? "" : key.substr(0, dot);
    const std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    std::vector<std::string> lines;
    for (const std::string_view line : ascii::split(text, '\n'))
        lines.emplace_back(line);
    const std::string wanted = fmt::format("{} = {}", name, value);
    std::optional<std::size_t> set;
    std::optional<std::size_t> commented;
    std::optional<std::size_t> begin;
    if (section.empty()) begin = 0;
    std::string_view here;
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (const auto found = section_of(lines[at])) {
            here = *found;
            if (here == section && !begin) begin = at + 1;
            continue;
        }
        if (here != section) continue;
        const Line kind = kind_of(lines[at], name);
        if (kind == Line::set && !set) set = at;
        if (kind == Line::commented && !commented) commented = at;
    }
    if (set || commented) {
        lines[set ? *set : *commented] = wanted;
    } else if (begin) {
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(*begin), wanted);
    } else {
        while (!lines.empty() && lines.back().empty())
            lines.pop_back();
        lines.insert(lines.end(), {"", fmt::format("[{}]", section), wanted, ""});
    }
    std::string joined;
    for (const std::string& line : lines)
        joined += line + '\n';
    joined.pop_back();
    return joined;
}

} // namespace tegami::app
