// tegami domain add|list|remove
#include "app/command_line/commands.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace tegami::app {

namespace json = boost::json;

namespace {

struct DomainOptions {
    std::string name;
    std::string catch_all;
    std::string separator = "+";
    bool as_json = false;
};

int add(Commands& commands, const DomainOptions& options) {
    json::object request{{"name", options.name}, {"subaddress_separator", options.separator}};
    if (!options.catch_all.empty()) request["catch_all"] = options.catch_all;
    const auto answer = commands.ask("/domain/add", std::move(request));
    if (!answer) return commands.status();
    print_line(fmt::format("domain {} added", text_of(*answer, "display")));
    return kDone;
}

int list(Commands& commands, const DomainOptions& options) {
    const auto answer = commands.ask("/domain/list", {});
    if (!answer) return commands.status();
    if (options.as_json) {
        print_json(*answer);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : answer->at("domains").as_array()) {
        const json::object& domain = value.as_object();
        const std::string catch_all = text_of(domain, "catch_all");
        rows.push_back({text_of(domain, "display"), catch_all.empty() ? "" : "catch-all " + catch_all});
    }
    print_table(rows);
    return kDone;
}

int remove(Commands& commands, const DomainOptions& options) {
    if (!commands.ask("/domain/remove", {{"name", options.name}})) return commands.status();
    print_line(fmt::format("domain {} removed", options.name));
    return kDone;
}

} // namespace

void add_domain_commands(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<DomainOptions>();
    CLI::App* const family = app.add_subcommand("domain", "The domains that this server receives mail for");
    family->require_subcommand(1);
    family->footer("Examples:\n  tegami domain add example.org\n  tegami domain list --json");

    CLI::App* const adding = family->add_subcommand("add", "Add a domain");
    adding->add_option("DOMAIN", options->name, "Such as example.org")->required();
    adding->add_option("--catch-all", options->catch_all, "Who gets mail for addresses that do not exist")
        ->type_name("ADDRESS");
    adding
        ->add_option("--subaddress-separator", options->separator,
                     "Splits user+detail; mail for it goes to user. Empty: no sub-addresses")
        ->type_name("TEXT")
        ->capture_default_str();
    adding->footer("Examples:\n  tegami domain add example.org\n"
                   "  tegami domain add example.net --catch-all anna@example.org");
    adding->callback(
        [&commands, options] { commands.action = [&commands, options] { return add(commands, *options); }; });

    CLI::App* const listing = family->add_subcommand("list", "List the domains");
    listing->add_flag("--json", options->as_json, "Print JSON");
    listing->footer("Example:\n  tegami domain list");
    listing->callback(
        [&commands, options] { commands.action = [&commands, options] { return list(commands, *options); }; });

    CLI::App* const removing = family->add_subcommand("remove", "Remove a domain that has no accounts and aliases");
    removing->add_option("DOMAIN", options->name, "Such as example.org")->required();
    removing->footer("Example:\n  tegami domain remove example.org");
    removing->callback(
        [&commands, options] { commands.action = [&commands, options] { return remove(commands, *options); }; });
}

} // namespace tegami::app
