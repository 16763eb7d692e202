// What the program says to people, in each of its languages. A text stands with its translation in one entry of a table
// (Words), so that there is none in one language only; that both have the same places to fill is asserted where the table
// is (static_assert with same_places).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami {

enum class Language : std::uint8_t { english, japanese };

/// A text that the program knows in both. Places to fill are written as fmt does, `{}` or `{0}`, `{{` and `}}` are braces.
struct Words {
    std::string_view english;
    std::string_view japanese;

    constexpr std::string_view in(Language language) const {
        return language == Language::japanese ? japanese : english;
    }
};

/// Limit: places to fill in one text.
inline constexpr std::size_t kPlacesMax = 8;

/// How often each argument stands in a text; `valid` is false for a text that fmt would refuse.
struct Places {
    std::array<std::uint8_t, kPlacesMax> uses{};
    bool valid = true;

    bool operator==(const Places&) const = default;
};

constexpr Places places_in(std::string_view text) {
    Places places;
    std::size_t next = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '{' && text[at] != '}') continue;
        if (at + 1 < text.size() && text[at + 1] == text[at]) {
            ++at;
            continue;
        }
        const std::size_t close = text.find('}', at);
        if (text[at] == '}' || close == std::string_view::npos || close - at > 2) return {.uses = {}, .valid = false};
        const std::size_t place = close == at + 1 ? next++ : static_cast<std::size_t>(text[at + 1] - '0');
        if (place >= kPlacesMax) return {.uses = {}, .valid = false};
        ++places.uses[place];
        at = close;
    }
    return places;
}

/// Whether an entry is there in both languages, with the same places to fill.
constexpr bool same_places(const Words& words) {
    const Places english = places_in(words.english);
    return !words.english.empty() && !words.japanese.empty() && english.valid && english == places_in(words.japanese);
}

} // namespace tegami
