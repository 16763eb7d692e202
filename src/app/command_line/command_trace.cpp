// tegami trace WHAT
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/trace_words.h"

#include <fmt/format.h>

#include <cstdlib>

namespace tegami::app {

namespace {

/// The language that was asked for, or the environment's (POSIX: LC_ALL before LC_MESSAGES before LANG).
Language language_of(const Arguments& arguments) {
    if (!arguments.text("--lang").empty()) return language_for(arguments.text("--lang"));
    for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* const value = std::getenv(name); value && *value != '\0') return language_for(value);
    return Language::english;
}

TraceEvent to_event(const json::object& object) {
    TraceEvent event{.kind = text_of(object, "kind")};
    for (const json::value& field : object.at("fields").as_array())
        event.fields.emplace_back(field.at(0).as_string(), field.at(1).as_string());
    return event;
}

void print_text(const json::array& events, Language language, bool with_wire) {
    std::string journey;
    for (const json::value& value : events) {
        const json::object& object = value.as_object();
        if (const std::string next = text_of(object, "journey"); next != journey) {
            if (!journey.empty()) print_gap();
            print_line(fmt::format("journey {}", next));
            journey = next;
        }
        const TraceEvent event = to_event(object);
        print_line(fmt::format("  {}  {}", text_of(object, "time"), describe(event, language)));
        if (!with_wire) continue;
        for (const std::string& line : wire_lines(event))
            print_line(fmt::format("      {}", line));
    }
}

int trace(Commands& commands, const Arguments& arguments) {
    auto answer = commands.ask("/trace", {{"what", arguments.text("WHAT")}});
    if (!answer) return commands.status();
    json::array& events = answer->at("events").as_array();
    const Language language = language_of(arguments);
    if (arguments.flag("--json")) {
        for (json::value& value : events) {
            const TraceEvent event = to_event(value.as_object());
            json::array lines;
            for (const std::string& line : wire_lines(event))
                lines.emplace_back(line);
            value.as_object()["text"] = describe(event, language);
            value.as_object()["dialogue"] = std::move(lines);
        }
        print_json(*answer);
        return kDone;
    }
    if (events.empty()) return complain(kFailed, fmt::format("nothing is known about {}", arguments.text("WHAT")));
    print_text(events, language, arguments.flag("--wire"));
    return kDone;
}

} // namespace

Command trace_command() {
    return {.name = "trace",
            .help = "Tell what happened to a message, in plain words",
            .options = {{.kind = Option::Kind::text,
                         .name = "WHAT",
                         .help = "A Message-ID, an address, the name of a letter, or its number in the queue",
                         .required = true},
                        {.kind = Option::Kind::text,
                         .name = "--lang",
                         .help = "en or ja; otherwise as the locale says",
                         .value = "LANGUAGE",
                         .one_of = {"en", "ja"}},
                        {.name = "--wire", .help = "Show the lines that were exchanged with other servers"},
                        json_option()},
            .footer = "Examples:\n  tegami trace anna@example.org\n  tegami trace '<123@example.net>' --wire",
            .run = trace};
}

} // namespace tegami::app
