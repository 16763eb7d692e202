// tegami log follow
#include "admin/log_feed.h"
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"
#include "app/server/log_line.h"

namespace tegami::app {

namespace {

constexpr std::uint64_t kPastLinesMax = admin::kLogLinesKept;

LogLevel level_of(const json::object& line) {
    const std::string word = text_of(line, "level");
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning})
        if (admin::to_string(level) == word) return level;
    return LogLevel::error;
}

/// As it stands in the log, without its end.
std::string as_text(const json::object& line) {
    std::vector<LogField> fields;
    std::vector<std::string> names;
    const json::value* const said = line.if_contains("fields");
    const json::array none;
    const json::array& pairs = said != nullptr && said->is_array() ? said->get_array() : none;
    names.reserve(pairs.size()); // fields point into it
    for (const json::value& pair : pairs) {
        names.emplace_back(pair.at(0).as_string());
        fields.emplace_back(names.back(), std::string_view(pair.at(1).as_string()));
    }
    const std::chrono::system_clock::time_point time{std::chrono::milliseconds(count_in(line, "milliseconds"))};
    std::string text = log_line(LogFormat::text, time, level_of(line), text_of(line, "event"), fields);
    text.pop_back();
    return text;
}

/// What comes, line by line.
class Following {
public:
    explicit Following(bool as_json) : as_json_(as_json) {}

    bool take(std::string_view octets) {
        open_ += octets;
        std::size_t begin = 0;
        for (std::size_t end = open_.find('\n'); end != std::string::npos; end = open_.find('\n', begin)) {
            show(std::string_view(open_).substr(begin, end - begin));
            begin = end + 1;
        }
        open_.erase(0, begin);
        return true;
    }

    /// Of the last line.
    std::uint64_t number() const { return number_; }

private:
    void show(std::string_view line) {
        boost::system::error_code error;
        const json::value parsed = json::parse(line, error);
        if (error || !parsed.is_object()) return; // an empty line says that somebody is there
        const json::object& object = parsed.get_object();
        if (as_json_) {
            print_json(parsed);
        } else if (object.contains("left_out")) {
            print_line(say("({} lines were left out: they came too fast)", count_in(object, "left_out")));
        } else {
            print_line(as_text(object));
        }
        number_ = std::max(number_, count_in(object, "number"));
        flush_output();
    }

    const bool as_json_;
    std::string open_; ///< a line without its end
    std::uint64_t number_ = 0;
};

int follow_log(Commands& commands, const Arguments& arguments) {
    json::object request;
    if (arguments.given("--last")) request["last"] = arguments.number("--last");
    for (const std::string_view name : {"level", "service", "address", "journey"})
        if (const std::string& value = arguments.text("--" + std::string(name)); !value.empty()) request[name] = value;
    Following following(arguments.flag("--json"));
    // One answer ends after a while; the next goes on where it was.
    while (
        commands.receive_from_server("/log", request, [&](std::string_view octets) { return following.take(octets); }))
        request["after"] = following.number();
    return commands.status();
}

} // namespace

Command log_command() {
    return {.name = "log",
            .help = "What the running server writes into its log",
            .footer = "Example:\n  tegami log follow --level warning",
            .subcommands = {
                {.name = "follow",
                 .help = "Show the last lines of the log, and those that come, until you end it",
                 .options = {{.kind = Option::Kind::text,
                              .name = "--level",
                              .help = "Only lines of this level and above",
                              .value = "LEVEL",
                              .one_of = {"debug", "info", "warning", "error"}},
                             {.kind = Option::Kind::text,
                              .name = "--service",
                              .help = "Only lines of this service, such as imap",
                              .value = "NAME"},
                             {.kind = Option::Kind::text,
                              .name = "--address",
                              .help = "Only lines about this address, of a client or of mail",
                              .value = "ADDRESS",
                              .names = Option::Names::accounts},
                             {.kind = Option::Kind::text,
                              .name = "--journey",
                              .help = "Only lines about the letter with this name",
                              .value = "NAME"},
                             {.kind = Option::Kind::number,
                              .name = "--last",
                              .help = "How many lines of the past come first; 100 if it is left out",
                              .value = "N",
                              .most = kPastLinesMax},
                             {.name = "--json", .help = "Print one line of JSON for each event"}},
                 .footer = "Nothing below log.level of the configuration is there.\n"
                           "Examples:\n  tegami log follow --address anna@example.org\n"
                           "  tegami log follow --service submission --level warning",
                 .run = follow_log},
            }};
}

} // namespace tegami::app
