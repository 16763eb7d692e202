// tegami alias add|list|remove
#include "app/command_line/commands.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace tegami::app {

namespace json = boost::json;

namespace {

struct AliasOptions {
    std::string address;
    std::vector<std::string> targets;
    std::string domain;
    bool as_json = false;
};

std::string joined(const json::object& alias) {
    std::string text;
    for (const json::value& target : alias.at("targets").as_array())
        text += fmt::format("{}{}", text.empty() ? "" : ", ", std::string_view(target.as_string()));
    return text;
}

int add(Commands& commands, const AliasOptions& options) {
    json::array targets;
    for (const std::string& target : options.targets)
        targets.emplace_back(target);
    const auto answer = commands.ask("/alias/add", {{"address", options.address}, {"targets", std::move(targets)}});
    if (!answer) return commands.status();
    print_line(fmt::format("alias {} added: {}", text_of(*answer, "address"), joined(*answer)));
    return kDone;
}

int list(Commands& commands, const AliasOptions& options) {
    json::object request;
    if (!options.domain.empty()) request["domain"] = options.domain;
    const auto aliases = commands.ask_all("/alias/list", std::move(request), "aliases");
    if (!aliases) return commands.status();
    if (options.as_json) {
        print_json(json::object{{"aliases", *aliases}});
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *aliases)
        rows.push_back({text_of(value.as_object(), "address"), joined(value.as_object())});
    print_table(rows);
    return kDone;
}

int remove(Commands& commands, const AliasOptions& options) {
    if (!commands.ask("/alias/remove", {{"address", options.address}})) return commands.status();
    print_line(fmt::format("alias {} removed", options.address));
    return kDone;
}

} // namespace

void add_alias_commands(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<AliasOptions>();
    CLI::App* const family = app.add_subcommand("alias", "Addresses that stand for others");
    family->require_subcommand(1);
    family->footer("Examples:\n  tegami alias add sales@example.org anna@example.org bo@example.net\n"
                   "  tegami alias list");

    CLI::App* const adding =
        family->add_subcommand("add", "Add an alias for one or several addresses, here or elsewhere");
    adding->add_option("ADDRESS", options->address, "The new address, in a domain of this server")->required();
    adding->add_option("TARGETS", options->targets, "Who gets its mail")->required();
    adding->footer("Example:\n  tegami alias add sales@example.org anna@example.org bo@example.net");
    adding->callback(
        [&commands, options] { commands.action = [&commands, options] { return add(commands, *options); }; });

    CLI::App* const listing = family->add_subcommand("list", "List the aliases");
    listing->add_option("--domain", options->domain, "Of this domain only")->type_name("DOMAIN");
    listing->add_flag("--json", options->as_json, "Print JSON");
    listing->footer("Example:\n  tegami alias list --domain example.org");
    listing->callback(
        [&commands, options] { commands.action = [&commands, options] { return list(commands, *options); }; });

    CLI::App* const removing = family->add_subcommand("remove", "Remove an alias");
    removing->add_option("ADDRESS", options->address, "The alias")->required();
    removing->footer("Example:\n  tegami alias remove sales@example.org");
    removing->callback(
        [&commands, options] { commands.action = [&commands, options] { return remove(commands, *options); }; });
}

} // namespace tegami::app
