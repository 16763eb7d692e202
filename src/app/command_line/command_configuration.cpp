// tegami settings show|set
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "app/configuration/settings.h"
#include "disk/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tegami::app {

namespace {

constexpr std::size_t kConfigBytesMax = 1 << 20;

int show_configuration(Commands& commands, const Arguments& arguments) {
    auto answer = commands.ask("/settings/show", {});
    if (!answer) return commands.status();
    const std::string& key = arguments.text("KEY");
    json::array chosen;
    for (const json::value& each : answer->at("settings").as_array()) {
        const std::string name = text_of(each.as_object(), "key");
        if (key.empty() || name == key || name.starts_with(key + ".")) chosen.push_back(each);
    }
    if (chosen.empty()) return complain(kFailed, say("there is no setting {}", key));
    (*answer)["settings"] = chosen;
    if (print_as_json(arguments, *answer)) return kDone;
    std::vector<std::vector<std::string>> rows;
    for (const json::value& each : chosen) {
        const json::object& setting = each.as_object();
        const std::string value = text_of(setting, "value");
        rows.push_back(
            {text_of(setting, "key"),
             value.empty() ? say("({})", from_server(spoken_language(), text_of(setting, "default"))) : value,
             from_server(spoken_language(), text_of(setting, "meaning"))});
    }
    print_table(rows);
    return kDone;
}

/// By whoever typed the command, where the server may not.
Result<void, std::string> write_here(const std::string& file, const Arguments& arguments) {
    TRY(const std::string text, disk::read_file(file, kConfigBytesMax));
    const auto changed = change_key(text, file, arguments.text("KEY"), arguments.text("VALUE"));
    if (!changed) return failure(changed.error().front().to_string(file));
    return replace_config(file, changed->text);
}

int set_setting(Commands& commands, const Arguments& arguments) {
    auto answer = commands.ask("/settings/set", {{"key", arguments.text("KEY")}, {"value", arguments.text("VALUE")}});
    if (!answer) return commands.status();
    const std::string file = text_of(*answer, "file");
    std::string why_not;
    if (!answer->at("written").as_bool()) {
        const auto written = write_here(file, arguments);
        (*answer)["written"] = written.has_value();
        if (!written) why_not = written.error();
    }
    const int status = why_not.empty() ? kDone : kFailed;
    if (print_as_json(arguments, *answer)) return status;
    if (!why_not.empty()) {
        complain(kFailed, say("{} cannot be written: {}", file, why_not));
        print_line(say("These lines say it:"));
        print_line(text_of(*answer, "lines"));
        return kFailed;
    }
    print_line(say("{} changed in {}", arguments.text("KEY"), file));
    if (!answer->at("restart").as_array().empty())
        print_line(say("in force after a restart (tegami restart)"));
    else if (!answer->at("reload").as_array().empty())
        print_line(say("in force after a reload (tegami reload)"));
    return kDone;
}

} // namespace

Command configuration_command() {
    return {
        .name = "settings",
        .help = "The configuration file, key by key",
        .footer = "Examples:\n  tegami settings show queue\n  tegami settings set queue.expiry 7d",
        .subcommands = {
            {.name = "show",
             .help = "Show every key with its value, or what holds without it, and what it means",
             .options = {{.kind = Option::Kind::text, .name = "KEY", .help = "Only this key, or this section"},
                         json_option()},
             .footer = "Examples:\n  tegami settings show\n  tegami settings show limits",
             .run = show_configuration},
            {.name = "set",
             .help = "Change a key, under the checks of check-config; comments and order stay",
             .options = {{.kind = Option::Kind::text, .name = "KEY", .help = "Such as queue.expiry", .required = true},
                         {.kind = Option::Kind::text,
                          .name = "VALUE",
                          .help = "As in the file; a text may lack its quotes",
                          .required = true},
                         json_option()},
             .footer = "Examples:\n  tegami settings set queue.expiry 7d\n"
                       "  tegami settings set trusted_networks '[\"192.0.2.0/24\"]'",
             .run = set_setting},
        }};
}

} // namespace tegami::app
