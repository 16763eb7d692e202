// tegami audit
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "base/visible.h"

#include <fmt/format.h>

#include <chrono>

namespace tegami::app {

namespace {

/// How far back is looked.
constexpr std::uint64_t kDaysUsual = 30;

std::string outcome_of(const json::object& row) {
    if (row.at("status").is_null()) return say("without an outcome");
    if (count_in(row, "status") == 200) return say("done");
    return say("refused: {}", from_server(spoken_language(), text_of(row, "refusal")));
}

void print_row(const json::object& row) {
    const std::string from = text_of(row, "from");
    const std::string who = from == "local" ? text_of(row, "who") : fmt::format("{} ({})", text_of(row, "who"), from);
    print_line(fmt::format("{}  {}  {}  {}", text_of(row, "time"), visible(who), visible(text_of(row, "operation")),
                           visible(text_of(row, "parameters"))));
    print_line(fmt::format("    {}", outcome_of(row)));
}

int audit(Commands& commands, const Arguments& arguments) {
    json::object request;
    if (arguments.given("--account")) request["account"] = arguments.text("--account");
    if (arguments.given("--operation")) request["operation"] = arguments.text("--operation");
    const std::uint64_t days = arguments.given("--days") ? arguments.number("--days") : kDaysUsual;
    const auto since = std::chrono::system_clock::now() - std::chrono::days(days);
    request["since"] = std::chrono::duration_cast<std::chrono::seconds>(since.time_since_epoch()).count();
    const auto rows = commands.ask_all("/audit/list", std::move(request), "rows");
    if (!rows) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"rows", *rows}});
        return kDone;
    }
    if (rows->empty()) print_line(say("Nothing was changed."));
    for (const json::value& row : *rows)
        print_row(row.as_object());
    return kDone;
}

} // namespace

Command audit_command() {
    return {.name = "audit",
            .help = "Who changed what through the administration, the newest first",
            .options = {{.kind = Option::Kind::text,
                         .name = "--account",
                         .help = "Only what an account did, or what was done to it",
                         .value = "ADDRESS",
                         .names = Option::Names::accounts},
                        {.kind = Option::Kind::text,
                         .name = "--operation",
                         .help = "Only operations whose name has this in it, such as password",
                         .value = "NAME"},
                        {.kind = Option::Kind::number,
                         .name = "--days",
                         .help = "So many days back; 30 if it is left out",
                         .value = "N",
                         .least = 1,
                         .most = 3650},
                        json_option()},
            .footer = "Kept for retention.audit_days.\n"
                      "Examples:\n  tegami audit --days 1\n  tegami audit --account anna@example.org",
            .run = audit};
}

} // namespace tegami::app
