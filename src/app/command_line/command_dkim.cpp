// tegami dkim list|rotate|check
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

json::object domain_request(const Arguments& arguments) {
    json::object request;
    if (!arguments.text("DOMAIN").empty()) request["domain"] = arguments.text("DOMAIN");
    return request;
}

bool is_in_state(const json::object& key, std::string_view state) {
    return text_of(key, "state") == state;
}

bool is_usable(const json::object& key) {
    return key.at("usable").as_bool();
}

std::string state_in_words(const json::object& key) {
    if (!is_usable(key)) return say("CANNOT BE READ, and signs nothing: tegami dkim rotate makes another");
    const std::string since = text_of(key, "since");
    const std::string until = text_of(key, "until");
    if (is_in_state(key, "announced"))
        return say("made {}, not seen in the DNS yet: signs as soon as it is published", since);
    if (is_in_state(key, "signing")) return say("signs since {}, gets a successor {}", since, until);
    return say("signs no more since {}, stays published until {}", since, until);
}

void print_what_to_publish(const json::object& key) {
    print_line(fmt::format("  {} TXT", text_of(key, "name")));
    print_line(fmt::format("  {}", text_of(key, "text")));
}

bool publishes(const json::object& answer) {
    return answer.at("publishes").as_bool();
}

/// Returns whether there are any. `by_itself`: the server does it where it can.
bool print_keys_to_publish(const json::array& keys, bool by_itself) {
    bool any = false;
    for (const json::value& value : keys) {
        const json::object& key = value.as_object();
        if (!is_in_state(key, "announced")) continue;
        if (!any)
            print_line(
                by_itself
                    ? say("Publish, unless the name server of [dns_update] has the zone: then it is done by itself:")
                    : say("Publish:"));
        print_what_to_publish(key);
        any = true;
    }
    return any;
}

int list_keys(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/dkim/list", domain_request(arguments));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    for (const json::value& domain : answer->at("domains").as_array()) {
        const json::array& keys = domain.as_object().at("keys").as_array();
        const std::string name = text_of(domain.as_object(), "display");
        print_line(keys.empty() ? say("{}: no keys; the server makes them when it runs", name) : name);
        std::vector<std::vector<std::string>> rows;
        for (const json::value& key : keys)
            rows.push_back({"  " + text_of(key.as_object(), "selector"), text_of(key.as_object(), "kind"),
                            state_in_words(key.as_object())});
        print_table(rows);
        print_keys_to_publish(keys, publishes(*answer));
    }
    return kDone;
}

int rotate_keys(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/dkim/rotate", {{"domain", arguments.text("DOMAIN")}});
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    const json::array& keys = answer->at("domains").as_array().at(0).as_object().at("keys").as_array();
    const bool signs =
        std::ranges::any_of(keys, [](const json::value& key) { return is_in_state(key.as_object(), "signing"); });
    if (!print_keys_to_publish(keys, publishes(*answer)))
        print_line(say("Nothing to publish: the keys that were waiting are in the DNS, and sign now."));
    else if (!signs)
        print_line(say("No key signs yet: these do as soon as they are seen."));
    else
        print_line(say("The old keys sign until these are seen; tegami dkim check {} looks at once. Leave the old "
                       "records where they are: tegami dkim list says until when.",
                       arguments.text("DOMAIN")));
    return kDone;
}

int check_keys(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/dkim/check", domain_request(arguments));
    if (!answer) return commands.status();
    int status = kDone;
    if (arguments.flag("--json")) print_json(*answer);
    for (const json::value& value : answer->at("domains").as_array()) {
        const json::object& domain = value.as_object();
        std::string signing;
        std::string waiting;
        std::string unusable;
        for (const json::value& each : domain.at("keys").as_array()) {
            const json::object& key = each.as_object();
            std::string* const list = !is_usable(key)                 ? &unusable
                                      : is_in_state(key, "signing")   ? &signing
                                      : is_in_state(key, "announced") ? &waiting
                                                                      : nullptr;
            if (list) *list += (list->empty() ? "" : ", ") + text_of(key, "selector");
        }
        if (signing.empty() || !unusable.empty()) status = kFailed;
        if (arguments.flag("--json")) continue;
        const std::string name = text_of(domain, "display");
        std::string line = signing.empty() ? say("{}: no key signs", name) : say("{}: signs with {}", name, signing);
        if (!waiting.empty()) line += say("; not seen in the DNS yet: {}", waiting);
        if (!unusable.empty()) line += say("; cannot be read, and signs nothing: {}", unusable);
        print_line(line);
        print_keys_to_publish(domain.at("keys").as_array(), publishes(*answer));
    }
    return status;
}

} // namespace

Command dkim_command() {
    const Option domain{
        .kind = Option::Kind::text, .name = "DOMAIN", .help = "Otherwise all domains", .names = Option::Names::domains};
    return {.name = "dkim",
            .help = "The keys that sign the mail of the domains (DKIM)",
            .footer = "Example:\n  tegami dkim list",
            .subcommands = {
                {.name = "list",
                 .help = "List the keys, since when they are what they are, and what to publish",
                 .options = {domain, json_option()},
                 .footer = "Examples:\n  tegami dkim list\n  tegami dkim list example.org --json",
                 .run = list_keys},
                {.name = "rotate",
                 .help = "Make successors of a domain's keys; they sign when they are seen in the DNS",
                 .options = {{.kind = Option::Kind::text,
                              .name = "DOMAIN",
                              .help = "Such as example.org",
                              .required = true,
                              .names = Option::Names::domains},
                             json_option()},
                 .footer = "By itself the server does it every 180 days.\n\nExample:\n  tegami dkim rotate example.org",
                 .run = rotate_keys},
                {.name = "check",
                 .help = "Look now which keys are in the DNS, and sign with them",
                 .options = {domain, json_option()},
                 .footer = "Exit status 1 if a domain's mail goes out unsigned, or a key cannot be read.\n\nExample:\n "
                           " tegami dkim check example.org",
                 .run = check_keys},
            }};
}

} // namespace tegami::app
