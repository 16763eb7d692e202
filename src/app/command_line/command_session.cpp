// tegami session list|end
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"

namespace tegami::app {

namespace {

Option account_option() {
    return {.kind = Option::Kind::text,
            .name = "ADDRESS",
            .help = "The account",
            .required = true,
            .names = Option::Names::accounts};
}

int list_sessions(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const auto answer = commands.ask("/session/list", {{"address", address}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    const json::array& sessions = answer->at("sessions").as_array();
    if (sessions.empty()) print_line(say("Nobody is signed in to the web mail as {}.", address));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : sessions) {
        const json::object& session = value.as_object();
        rows.push_back({text_of(session, "id"), say("since {}", text_of(session, "since")),
                        say("last used {}", text_of(session, "used")), text_of(session, "client"),
                        text_of(session, "agent")});
    }
    print_table(rows);
    return kDone;
}

int end_sessions(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const std::string& id = arguments.text("ID");
    if (arguments.flag("--all") != id.empty())
        return complain(kWrongUse, say("name a session as the list does, or give --all"));
    json::object request{{"address", address}};
    if (!id.empty()) request["id"] = id;
    const auto answer = commands.ask("/session/end", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(id.empty() ? say("{} signed out of the web mail everywhere", address)
                          : say("session {} of {} has ended", id, address));
    return kDone;
}

} // namespace

Command session_command() {
    return {.name = "session",
            .help = "Who is signed in to the web mail",
            .footer = "Examples:\n  tegami session list anna@example.org\n  tegami session end anna@example.org --all",
            .subcommands = {
                {.name = "list",
                 .help = "List the browsers that are signed in as an account",
                 .options = {account_option(), json_option()},
                 .footer = "Example:\n  tegami session list anna@example.org",
                 .run = list_sessions},
                {.name = "end",
                 .help = "Sign a browser out at once",
                 .options = {account_option(),
                             {.kind = Option::Kind::text, .name = "ID", .help = "A session, as the list names it"},
                             {.name = "--all", .help = "All of them"},
                             json_option()},
                 .footer = "Examples:\n  tegami session end anna@example.org 4f0k2m7a\n"
                           "  tegami session end anna@example.org --all",
                 .run = end_sessions},
            }};
}

} // namespace tegami::app
