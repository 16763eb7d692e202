// tegami downgrade
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/downgrade_run.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

int downgrade(Commands& commands, const Arguments& arguments) {
    const Config* const config = commands.config();
    if (!config) return commands.status();
    const auto report = run_downgrade(*config);
    if (!report) return complain(kFailed, from_server(spoken_language(), report.error()));
    if (arguments.flag("--json")) {
        print_json(*report);
        return kDone;
    }
    print_line(
        say("{} written as the previous release knows them. Start that release now; this one would take the store up "
            "again.",
            count_of(count_in(*report, "records"), "record")));
    return kDone;
}

} // namespace

Command downgrade_command() {
    return {.name = "downgrade",
            .help = "Make the store one that the previous release can open; the server must be stopped",
            .options = {json_option()},
            .footer = "Example:\n  tegami downgrade --config /srv/tegami/tegami.toml",
            .run = downgrade};
}

} // namespace tegami::app
