// tegami account app-password add|list|remove, tegami account second-factor show|reset|require|free
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

Option owner_option() {
    return {.kind = Option::Kind::text,
            .name = "ADDRESS",
            .help = "The account",
            .required = true,
            .names = Option::Names::accounts};
}

/// The texts of a list, in one.
std::string joined_texts(const json::object& object, std::string_view name) {
    std::string all;
    for (const json::value& value : object.at(name).as_array())
        all += fmt::format("{}{}", all.empty() ? "" : ", ", std::string_view(value.as_string()));
    return all;
}

int add_app_password(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    json::object request{{"address", address}, {"name", arguments.text("NAME")}};
    const std::vector<std::string>& protocols = arguments.texts("--protocol");
    const std::vector<std::string>& networks = arguments.texts("--network");
    if (!protocols.empty()) request["protocols"] = json::value_from(protocols);
    if (!networks.empty()) request["networks"] = json::value_from(networks);
    const auto answer = commands.ask("/account/app-password/add", std::move(request));
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("app password {} of {} made; it is shown this once:", text_of(*answer, "id"), address));
    print_line(text_of(*answer, "secret"));
    return kDone;
}

int list_app_passwords(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const auto answer = commands.ask("/account/app-password/list", {{"address", address}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    const json::array& passwords = answer->at("app_passwords").as_array();
    if (passwords.empty()) print_line(say("{} has no app passwords.", address));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : passwords) {
        const json::object& password = value.as_object();
        const std::string networks = joined_texts(password, "networks");
        const std::string used = text_of(password, "used");
        rows.push_back(
            {text_of(password, "id"), text_of(password, "name"), joined_texts(password, "protocols"),
             networks.empty() ? say("from anywhere") : say("from {}", networks),
             say("since {}", text_of(password, "made")),
             used.empty() ? say("never used") : say("last used {} from {}", used, text_of(password, "used_from"))});
    }
    print_table(rows);
    return kDone;
}

int remove_app_password(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const std::string& id = arguments.text("ID");
    const auto answer = commands.ask("/account/app-password/remove", {{"address", address}, {"id", id}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("app password {} of {} revoked; what was logged in with it has ended", id, address));
    return kDone;
}

int show_second_factor(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/account/second-factor/show", {{"address", arguments.text("ADDRESS")}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    const bool in_force = answer->at("in_force").as_bool();
    std::vector<std::vector<std::string>> rows{
        {say("account"), arguments.text("ADDRESS")},
        {say("second factor"),
         in_force ? say("in force ({}): programs need app passwords", joined_texts(*answer, "kinds")) : say("none")}};
    if (answer->at("required").as_bool()) rows.push_back({say("required"), say("the password alone opens nothing")});
    rows.push_back({say("passkeys"), std::to_string(count_in(*answer, "passkeys"))});
    if (in_force) rows.push_back({say("recovery codes"), say("{} not used yet", count_in(*answer, "recovery_codes"))});
    print_table(rows);
    return kDone;
}

int reset_second_factor(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const auto answer = commands.ask("/account/second-factor/reset", {{"address", address}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("the second factor of {} is off, and the passkeys are forgotten: the password alone signs in again",
                   address));
    return kDone;
}

int require_second_factor(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const auto answer = commands.ask("/account/second-factor/require", {{"address", address}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(
        say("{} must have a second factor: without one the password opens nothing but what sets one up", address));
    return kDone;
}

int free_second_factor(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ADDRESS");
    const auto answer = commands.ask("/account/second-factor/free", {{"address", address}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    print_line(say("{} may do without a second factor; one that is in force stays", address));
    return kDone;
}

} // namespace

Command app_password_command() {
    return {
        .name = "app-password",
        .help = "The passwords of single programs, beside the one of the account",
        .footer = "Examples:\n  tegami account app-password add anna@example.org Phone\n"
                  "  tegami account app-password list anna@example.org",
        .subcommands = {
            {.name = "add",
             .help = "Make a password for one program or device, and show it once",
             .options = {owner_option(),
                         {.kind = Option::Kind::text,
                          .name = "NAME",
                          .help = "What to call it, such as the device",
                          .required = true},
                         {.kind = Option::Kind::texts,
                          .name = "--protocol",
                          .help = "What it opens; may be given several times. Otherwise all that mail programs speak",
                          .value = "PROTOCOL",
                          .one_of = {"imap", "pop3", "submission", "jmap", "api"}},
                         {.kind = Option::Kind::texts,
                          .name = "--network",
                          .help = "Where it may be used from, such as 192.0.2.0/24; may be given several times. "
                                  "Otherwise anywhere",
                          .value = "NETWORK"},
                         json_option()},
             .footer = "Examples:\n  tegami account app-password add anna@example.org Phone\n"
                       "  tegami account app-password add office@example.org Printer --protocol submission "
                       "--network 192.0.2.0/24\n"
                       "  tegami account app-password add anna@example.org Monitoring --protocol api",
             .run = add_app_password},
            {.name = "list",
             .help = "List the app passwords of an account, and when each was used last",
             .options = {owner_option(), json_option()},
             .footer = "Example:\n  tegami account app-password list anna@example.org",
             .run = list_app_passwords},
            {.name = "remove",
             .help = "Revoke an app password; what is logged in with it ends at once",
             .options = {owner_option(),
                         {.kind = Option::Kind::text,
                          .name = "ID",
                          .help = "An app password, as the list names it",
                          .required = true},
                         json_option()},
             .footer = "Example:\n  tegami account app-password remove anna@example.org 4f0k2m7a",
             .run = remove_app_password},
        }};
}

Command second_factor_command() {
    return {.name = "second-factor",
            .help = "What somebody shows to the web mail beside the password",
            .footer = "Examples:\n  tegami account second-factor show anna@example.org\n"
                      "  tegami account second-factor reset anna@example.org",
            .subcommands = {
                {.name = "show",
                 .help = "Show whether a second factor is in force, how many recovery codes are left, and how many "
                         "passkeys there are",
                 .options = {owner_option(), json_option()},
                 .footer = "Example:\n  tegami account second-factor show anna@example.org",
                 .run = show_second_factor},
                {.name = "reset",
                 .help = "Turn it off, and forget the passkeys, for somebody who can show none any more",
                 .options = {owner_option(), json_option()},
                 .footer = "Make sure who asks.\nExample:\n  tegami account second-factor reset anna@example.org",
                 .run = reset_second_factor},
                {.name = "require",
                 .help = "Require one: the password alone then opens nothing but what sets one up",
                 .options = {owner_option(), json_option()},
                 .footer = "Example:\n  tegami account second-factor require anna@example.org",
                 .run = require_second_factor},
                {.name = "free",
                 .help = "Require none any more; one that is in force stays",
                 .options = {owner_option(), json_option()},
                 .footer = "Example:\n  tegami account second-factor free anna@example.org",
                 .run = free_second_factor},
            }};
}

} // namespace tegami::app
