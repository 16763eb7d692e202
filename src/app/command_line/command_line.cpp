#include "app/command_line/commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace tegami::app {

namespace {

constexpr std::string_view kExamples = R"(Examples:
  tegami init /srv/tegami --domain example.org
  tegami serve --config /srv/tegami/tegami.toml
  tegami account add anna@example.org --generate
  tegami trace anna@example.org

Exit status: 0 done, 1 it did not work, 2 wrong use.)";

std::string default_config_file() {
    const char* const named = std::getenv("TEGAMI_CONFIG");
    return named && *named != '\0' ? named : "tegami.toml";
}

/// The words of the deepest subcommand that was recognised, for pointing at its help.
std::string command_words(const CLI::App& app) {
    std::string words = app.get_name();
    for (const CLI::App* const used : app.get_subcommands())
        words += " " + command_words(*used);
    return words;
}

} // namespace

int run_command_line(int argc, const char* const* argv) {
    Commands commands;
    commands.config_file = default_config_file();
    CLI::App app("Tegami, a complete mail server in one program.", "tegami");
    app.footer(std::string(kExamples));
    app.set_version_flag("--version", "tegami " TEGAMI_VERSION, "Print the version and exit");
    app.set_help_flag("--help,-h", "Print this help and exit");
    app.add_option("--config", commands.config_file, "The configuration file")
        ->type_name("FILE")
        ->default_str("$TEGAMI_CONFIG or ./tegami.toml");
    app.require_subcommand(1);
    app.fallthrough();
    add_server_commands(app, commands);
    add_repair_command(app, commands);
    add_downgrade_command(app, commands);
    add_backup_commands(app, commands);
    add_restore_command(app, commands);
    add_domain_commands(app, commands);
    add_account_commands(app, commands);
    add_alias_commands(app, commands);
    add_queue_commands(app, commands);
    add_trace_command(app, commands);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return complain(kWrongUse, fmt::format("{} (see {} --help)", error.what(), command_words(app)));
    }
    return commands.action();
}

} // namespace tegami::app
