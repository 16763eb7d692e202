// tegami trace WHAT
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/trace_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

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
        for (const std::string& sentence : details(event, language))
            print_line(fmt::format("      {}", sentence));
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
            value.as_object()["text"] = describe(event, language);
            value.as_object()["details"] = admin::to_array(details(event, language));
            value.as_object()["dialogue"] = admin::to_array(wire_lines(event));
        }
        print_json(*answer);
        return kDone;
    }
    if (events.empty()) return complain(kFailed, say("nothing is known about {}", arguments.text("WHAT")));
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
                         .required = true,
                         .names = Option::Names::accounts},
                        language_option(),
                        {.name = "--wire", .help = "Show the lines that were exchanged with other servers"},
                        json_option()},
            .footer = "Examples:\n  tegami trace anna@example.org\n  tegami trace '<123@example.net>' --wire",
            .run = trace};
}

} // namespace tegami::app
