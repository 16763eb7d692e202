// tegami account role
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

namespace tegami::app {

namespace {

std::string role_in_words(const json::object& account) {
    const std::string role = text_of(account, "role");
    if (role == "administrator") return say("administrator: may do everything");
    if (role == "auditor") return say("auditor: reads everything but mail, changes nothing");
    if (role == "user") return say("user: their own mail");
    std::string domains;
    for (const json::value& domain : account.at("domains").as_array())
        domains += (domains.empty() ? "" : ", ") + std::string(domain.as_string());
    return say("domain administrator of {}", domains);
}

int role(Commands& commands, const Arguments& arguments) {
    json::object request{{"address", arguments.text("ADDRESS")}};
    const std::vector<std::string>& domains = arguments.texts("--domain");
    if (!arguments.given("--set") && !domains.empty())
        return complain(kWrongUse, say("--domain goes with --set domain-administrator"));
    if (arguments.given("--set")) {
        request["role"] = arguments.text("--set");
        if (!domains.empty()) request["domains"] = admin::to_array(domains);
    }
    const auto answer = commands.ask(arguments.given("--set") ? "/account/role" : "/account/show", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(text_of(*answer, "address") + ": " + role_in_words(*answer));
    return kDone;
}

} // namespace

Command role_command() {
    return {.name = "role",
            .help = "Show or change what an account may administer",
            .options = {{.kind = Option::Kind::text,
                         .name = "ADDRESS",
                         .help = "The account",
                         .required = true,
                         .names = Option::Names::accounts},
                        {.kind = Option::Kind::text,
                         .name = "--set",
                         .help = "The role that it gets in place of the one it has",
                         .value = "ROLE",
                         .one_of = {"user", "auditor", "domain-administrator", "administrator"}},
                        {.kind = Option::Kind::texts,
                         .name = "--domain",
                         .help = "What a domain administrator administers",
                         .value = "DOMAIN",
                         .names = Option::Names::domains},
                        json_option()},
            .footer = "Examples:\n  tegami account role anna@example.org --set administrator\n"
                      "  tegami account role bo@example.org --set domain-administrator --domain example.org",
            .run = role};
}

} // namespace tegami::app
