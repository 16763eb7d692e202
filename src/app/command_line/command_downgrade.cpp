// tegami downgrade
#include "app/command_line/commands.h"
#include "app/command_line/downgrade_run.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace tegami::app {

namespace {

int downgrade(Commands& commands, bool as_json) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    const auto report = run_downgrade(*config);
    if (!report) return complain(kFailed, report.error());
    if (as_json) {
        print_json(*report);
        return kDone;
    }
    print_line(
        fmt::format("{} records were written as the previous release knows them. Start that release now; this one "
                    "would take the store up again.",
                    text_of(*report, "records")));
    return kDone;
}

} // namespace

void add_downgrade_command(CLI::App& app, Commands& commands) {
    auto as_json = std::make_shared<bool>(false);
    CLI::App* const downgrading = app.add_subcommand(
        "downgrade", "Make the store one that the previous release can open; the server must be stopped");
    downgrading->add_flag("--json", *as_json, "Print JSON");
    downgrading->footer("Example:\n  tegami downgrade --config /srv/tegami/tegami.toml");
    downgrading->callback(
        [&commands, as_json] { commands.action = [&commands, as_json] { return downgrade(commands, *as_json); }; });
}

} // namespace tegami::app
