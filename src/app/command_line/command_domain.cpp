// tegami domain add|list|show|set|remove
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

int add_domain(Commands& commands, const Arguments& arguments) {
    json::object request{{"name", arguments.text("DOMAIN")},
                         {"subaddress_separator", arguments.text("--subaddress-separator")}};
    if (!arguments.text("--catch-all").empty()) request["catch_all"] = arguments.text("--catch-all");
    const auto answer = commands.ask("/domain/add", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("domain {} added", text_of(*answer, "display")));
    print_line(say("tegami dns records {} shows what to publish in the DNS", text_of(*answer, "display")));
    return kDone;
}

int list_domains(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/domain/list", {});
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : answer->at("domains").as_array()) {
        const json::object& domain = value.as_object();
        const std::string catch_all = text_of(domain, "catch_all");
        rows.push_back(
            {text_of(domain, "display"), catch_all.empty() ? std::string() : say("catch-all {}", catch_all)});
    }
    print_table(rows);
    return kDone;
}

void print_domain(const json::object& domain) {
    const std::string catch_all = text_of(domain, "catch_all");
    const std::string separator = text_of(domain, "subaddress_separator");
    print_table({{say("domain"), text_of(domain, "display")},
                 {say("catch-all"), catch_all.empty() ? say("none") : catch_all},
                 {say("sub-addresses"), separator.empty() ? say("none") : say("user{}detail", separator)},
                 {"MTA-STS", text_of(domain, "mta_sts")},
                 {say("has"), say("{}, {}", count_of(count_in(domain, "accounts"), "account"),
                                  count_of(count_in(domain, "aliases"), "alias"))}});
}

int show_domain(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/domain/show", {{"name", arguments.text("DOMAIN")}});
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_domain(*answer);
    return kDone;
}

int set_domain(Commands& commands, const Arguments& arguments) {
    json::object request{{"name", arguments.text("DOMAIN")}};
    if (arguments.given("--catch-all")) request["catch_all"] = arguments.text("--catch-all");
    if (arguments.flag("--no-catch-all")) request["catch_all"] = nullptr;
    if (arguments.given("--subaddress-separator"))
        request["subaddress_separator"] = arguments.text("--subaddress-separator");
    if (arguments.given("--mta-sts")) request["mta_sts"] = arguments.text("--mta-sts");
    if (request.size() == 1)
        return complain(kWrongUse,
                        say("say what to change: --catch-all, --no-catch-all, --subaddress-separator or --mta-sts"));
    const auto answer = commands.ask("/domain/set", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_domain(*answer);
    if (const json::value* const hints = answer->if_contains("hints"))
        for (const json::value& hint : hints->as_array())
            print_line(from_server(spoken_language(), std::string_view(hint.as_string())));
    return kDone;
}

int remove_domain(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/domain/remove", {{"name", arguments.text("DOMAIN")}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("domain {} removed", arguments.text("DOMAIN")));
    return kDone;
}

} // namespace

Command domain_command() {
    const Option name{.kind = Option::Kind::text,
                      .name = "DOMAIN",
                      .help = "Such as example.org",
                      .required = true,
                      .names = Option::Names::domains};
    return {.name = "domain",
            .help = "The domains that this server receives mail for",
            .footer = "Examples:\n  tegami domain add example.org\n  tegami domain list --json",
            .subcommands = {
                {.name = "add",
                 .help = "Add a domain",
                 .options = {name,
                             {.kind = Option::Kind::text,
                              .name = "--catch-all",
                              .help = "Who gets mail for addresses that do not exist",
                              .value = "ADDRESS"},
                             {.kind = Option::Kind::text,
                              .name = "--subaddress-separator",
                              .help = "Splits user+detail; mail for it goes to user. Empty: no sub-addresses",
                              .value = "TEXT",
                              .otherwise = "+"},
                             json_option()},
                 .footer = "Examples:\n  tegami domain add example.org\n"
                           "  tegami domain add example.net --catch-all anna@example.org",
                 .run = add_domain},
                {.name = "list",
                 .help = "List the domains",
                 .options = {json_option()},
                 .footer = "Example:\n  tegami domain list",
                 .run = list_domains},
                {.name = "show",
                 .help = "Show the settings of a domain and what it has",
                 .options = {name, json_option()},
                 .footer = "Example:\n  tegami domain show example.org",
                 .run = show_domain},
                {.name = "set",
                 .help = "Change the settings of a domain; what is not named stays",
                 .options = {name,
                             {.kind = Option::Kind::text,
                              .name = "--catch-all",
                              .help = "Who gets mail for addresses that do not exist",
                              .value = "ADDRESS"},
                             {.name = "--no-catch-all",
                              .help = "Mail for addresses that do not exist is refused",
                              .excludes = {"--catch-all"}},
                             {.kind = Option::Kind::text,
                              .name = "--subaddress-separator",
                              .help = "Splits user+detail; empty: no sub-addresses",
                              .value = "TEXT"},
                             {.kind = Option::Kind::text,
                              .name = "--mta-sts",
                              .help = "What other servers are asked to do about TLS: enforce it, report, or nothing",
                              .value = "MODE",
                              .one_of = {"none", "testing", "enforce"}},
                             json_option()},
                 .footer = "Examples:\n  tegami domain set example.org --catch-all anna@example.org\n"
                           "  tegami domain set example.org --no-catch-all --subaddress-separator -\n"
                           "  tegami domain set example.org --mta-sts enforce",
                 .run = set_domain},
                {.name = "remove",
                 .help = "Remove a domain that has no accounts and aliases",
                 .options = {name, json_option()},
                 .footer = "Example:\n  tegami domain remove example.org",
                 .run = remove_domain},
            }};
}

} // namespace tegami::app
