#include "app/command_line/sentence.h"

#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

/// What stands for the names between a pair of braces.
std::string value_for(std::string_view names, const Fields& fields) {
    for (const std::string_view name : ascii::split(names, '|')) {
        if (name.starts_with('=')) return std::string(name.substr(1));
        if (std::string value = values_of(fields, name); !value.empty()) return value;
    }
    return "–";
}

} // namespace

std::string values_of(const Fields& fields, std::string_view name) {
    std::string text;
    for (const auto& [field, value] : fields)
        if (field == name && !value.empty()) text += (text.empty() ? "" : ", ") + value;
    return text;
}

std::string fill(std::string_view pattern, const Fields& fields) {
    std::string text;
    while (!pattern.empty()) {
        const auto open = pattern.find('{');
        text += pattern.substr(0, open);
        if (open == std::string_view::npos) break;
        const auto close = pattern.find('}', open);
        text += value_for(pattern.substr(open + 1, close - open - 1), fields);
        pattern.remove_prefix(close + 1);
    }
    return text;
}

std::string in_other_words(std::string_view title, const Fields& fields) {
    std::string text = fmt::format("{}:", title);
    for (const auto& [name, value] : fields)
        text += fmt::format(" {}={}", name, value);
    return text;
}

} // namespace tegami::app
