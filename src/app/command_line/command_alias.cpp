// tegami alias add|list|remove
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include "message/address.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

std::string joined(const json::object& alias) {
    std::string text;
    for (const json::value& target : alias.at("targets").as_array())
        text += fmt::format("{}{}", text.empty() ? "" : ", ", std::string_view(target.as_string()));
    return text;
}

int add_alias(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    if (address.starts_with('@'))
        return complain(kWrongUse, say("{} is no address: for all that nobody else gets in a domain there is tegami "
                                       "domain set {} --catch-all ADDRESS",
                                       address, address.substr(1)));
    json::array targets;
    for (const std::string& target : arguments.texts("TARGETS")) {
        if (target.contains(',') && !message::parse_email_address(target))
            return complain(kWrongUse, say("{}: write targets apart with spaces, without commas", target));
        targets.emplace_back(target);
    }
    const auto answer = commands.ask("/alias/add", {{"address", address}, {"targets", std::move(targets)}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("alias {} added: {}", text_of(*answer, "address"), joined(*answer)));
    return kDone;
}

int list_aliases(Commands& commands, const Arguments& arguments) {
    json::object request;
    if (!arguments.text("--domain").empty()) request["domain"] = arguments.text("--domain");
    const auto aliases = commands.ask_all("/alias/list", std::move(request), "aliases");
    if (!aliases) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"aliases", *aliases}});
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *aliases)
        rows.push_back({text_of(value.as_object(), "address"), joined(value.as_object())});
    print_table(rows);
    return kDone;
}

int remove_alias(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/alias/remove", {{"address", arguments.text("ADDRESS")}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("alias {} removed", arguments.text("ADDRESS")));
    complain_sources(*answer, arguments.text("ADDRESS"));
    return kDone;
}

} // namespace

Command alias_command() {
    return {.name = "alias",
            .help = "Addresses that stand for others",
            .footer = "Examples:\n  tegami alias add sales@example.org anna@example.org bo@example.net\n"
                      "  tegami alias list",
            .subcommands = {
                {.name = "add",
                 .help = "Add an alias for one or several addresses, here or elsewhere",
                 .options = {{.kind = Option::Kind::text,
                              .name = "ADDRESS",
                              .help = "The new address, in a domain of this server",
                              .required = true},
                             {.kind = Option::Kind::texts,
                              .name = "TARGETS",
                              .help = "Who gets its mail",
                              .required = true,
                              .names = Option::Names::accounts},
                             json_option()},
                 .footer = "Example:\n  tegami alias add sales@example.org anna@example.org bo@example.net",
                 .run = add_alias},
                {.name = "list",
                 .help = "List the aliases",
                 .options = {{.kind = Option::Kind::text,
                              .name = "--domain",
                              .help = "Of this domain only",
                              .value = "DOMAIN",
                              .names = Option::Names::domains},
                             json_option()},
                 .footer = "Example:\n  tegami alias list --domain example.org",
                 .run = list_aliases},
                {.name = "remove",
                 .help = "Remove an alias",
                 .options = {{.kind = Option::Kind::text,
                              .name = "ADDRESS",
                              .help = "The alias",
                              .required = true,
                              .names = Option::Names::aliases},
                             json_option()},
                 .footer = "Example:\n  tegami alias remove sales@example.org",
                 .run = remove_alias},
            }};
}

} // namespace tegami::app
