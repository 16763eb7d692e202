// What happened to a message, in plain sentences: the events of a journey as `tegami trace` tells them.
// Pure. A kind of event that has no sentence yet is told by its name and fields, never left out.
#pragma once

#include "app/command_line/language.h"
#include "app/command_line/sentence.h"

#include <string>
#include <vector>

namespace tegami::app {

/// An event as it comes from the journey: a kind and fields whose names may repeat.
struct TraceEvent {
    std::string kind;
    Fields fields;
};

/// One sentence.
std::string describe(const TraceEvent& event, Language language);

/// The sentences that belong to it: of an examination each verdict with its reason (verdict_words.h).
std::vector<std::string> details(const TraceEvent& event, Language language);

/// The protocol lines and DNS answers that belong to the event, as they were.
std::vector<std::string> wire_lines(const TraceEvent& event);

} // namespace tegami::app
