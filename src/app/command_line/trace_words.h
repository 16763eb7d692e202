// What happened to a message, in plain sentences: the events of a journey as `tegami trace` tells them.
// Pure. A kind of event that has no sentence yet is told by its name and fields, never left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::app {

enum class Language : std::uint8_t { english, japanese };

/// The language for a locale name such as `ja_JP.UTF-8`; English for all that are not there.
Language language_for(std::string_view locale);

/// An event as it comes from the journey: a kind and fields whose names may repeat.
struct TraceEvent {
    std::string kind;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// One sentence.
std::string describe(const TraceEvent& event, Language language);

/// The protocol lines and DNS answers that belong to the event, as they were.
std::vector<std::string> wire_lines(const TraceEvent& event);

} // namespace tegami::app
