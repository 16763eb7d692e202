// tegami ban list|remove
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

int list_bans(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/ban/list", {});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    const json::array& bans = answer->at("bans").as_array();
    if (bans.empty()) print_line(say("Nobody is refused."));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : bans) {
        const json::object& ban = value.as_object();
        const std::string client = text_of(ban, "client");
        const std::string login = text_of(ban, "login");
        rows.push_back({client.empty() ? say("from new places") : client, login.empty() ? say("any login") : login,
                        say("until {}", text_of(ban, "until"))});
    }
    print_table(rows);
    return kDone;
}

int remove_bans(Commands& commands, const Arguments& arguments) {
    const std::string& who = arguments.text("WHO");
    if (arguments.flag("--all") != who.empty())
        return complain(kWrongUse, say("name an address or a login as the list does, or give --all"));
    json::object request;
    if (!who.empty()) request["who"] = who;
    const auto answer = commands.ask("/ban/remove", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(who.empty() ? say("everybody may try again") : say("{} may try again", who));
    return kDone;
}

} // namespace

Command ban_command() {
    return {.name = "ban",
            .help = "Who may not log in for a while, after too many wrong passwords",
            .footer = "Examples:\n  tegami ban list\n  tegami ban remove 192.0.2.1",
            .subcommands = {
                {.name = "list",
                 .help = "List whose logins are refused now, and until when",
                 .options = {json_option()},
                 .footer = "Example:\n  tegami ban list",
                 .run = list_bans},
                {.name = "remove",
                 .help = "Let somebody try again at once",
                 .options = {{.kind = Option::Kind::text,
                              .name = "WHO",
                              .help = "An address that logins come from, or a login",
                              .names = Option::Names::accounts},
                             {.name = "--all", .help = "All of them"},
                             json_option()},
                 .footer = "Examples:\n  tegami ban remove 192.0.2.1\n  tegami ban remove anna@example.org\n"
                           "  tegami ban remove --all",
                 .run = remove_bans},
            }};
}

} // namespace tegami::app
