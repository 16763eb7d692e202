// tegami trace WHAT
#include "app/command_line/commands.h"

#include "app/command_line/trace_words.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace tegami::app {

namespace json = boost::json;

namespace {

struct TraceOptions {
    std::string what;
    std::string language;
    bool with_wire = false;
    bool as_json = false;
};

/// The language that was asked for, or the environment's (POSIX: LC_ALL before LC_MESSAGES before LANG).
Language language_of(const TraceOptions& options) {
    if (!options.language.empty()) return language_for(options.language);
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
            print_line(fmt::format("{}journey {}", journey.empty() ? "" : "\n", next));
            journey = next;
        }
        const TraceEvent event = to_event(object);
        print_line(fmt::format("  {}  {}", text_of(object, "time"), describe(event, language)));
        if (!with_wire) continue;
        for (const std::string& line : wire_lines(event))
            print_line(fmt::format("      {}", line));
    }
}

int trace(Commands& commands, const TraceOptions& options) {
    auto answer = commands.ask("/trace", {{"what", options.what}});
    if (!answer) return commands.status();
    json::array& events = answer->at("events").as_array();
    const Language language = language_of(options);
    if (options.as_json) {
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
    if (events.empty()) return complain(kFailed, fmt::format("nothing is known about {}", options.what));
    print_text(events, language, options.with_wire);
    return kDone;
}

} // namespace

void add_trace_command(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<TraceOptions>();
    CLI::App* const tracing = app.add_subcommand("trace", "Tell what happened to a message, in plain words");
    tracing->add_option("WHAT", options->what, "A Message-ID, an address, or the name of a journey")->required();
    tracing->add_option("--lang", options->language, "en or ja; otherwise as the locale says")
        ->type_name("LANGUAGE")
        ->check(CLI::IsMember({"en", "ja"}));
    tracing->add_flag("--wire", options->with_wire, "Show the lines that were exchanged with other servers");
    tracing->add_flag("--json", options->as_json, "Print JSON");
    tracing->footer("Examples:\n  tegami trace anna@example.org\n  tegami trace '<123@example.net>' --wire");
    tracing->callback(
        [&commands, options] { commands.action = [&commands, options] { return trace(commands, *options); }; });
}

} // namespace tegami::app
