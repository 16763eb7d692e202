// tegami status
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/configuration/units.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

std::uint64_t number_of(const json::object& object, std::string_view name) {
    return object.at(name).to_number<std::uint64_t>();
}

/// The first row has the heading.
void add_rows(std::vector<std::vector<std::string>>& rows, const std::string& heading,
              const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        rows.push_back({&line == &lines.front() ? heading : "", line});
}

std::vector<std::string> places(const json::object& status) {
    std::vector<std::string> lines;
    for (const json::value& value : status.at("listening").as_array())
        lines.push_back(say("{} on {}", text_of(value.as_object(), "service"), text_of(value.as_object(), "endpoint")));
    return lines;
}

std::vector<std::string> uses_of_memory(const json::object& status) {
    std::vector<std::string> lines{say("{} of {}", print_about(number_of(status, "memory_bytes")),
                                       print_about(number_of(status, "memory_budget")))};
    for (const json::value& value : status.at("memory").as_array()) {
        const json::object& part = value.as_object();
        const std::string used = print_about(number_of(part, "bytes"));
        const std::string most =
            part.contains("bytes_max") ? say("{} of {}", used, print_about(number_of(part, "bytes_max"))) : used;
        lines.push_back(fmt::format("{}: {}", from_server(spoken_language(), text_of(part, "name")), most));
    }
    return lines;
}

std::vector<std::string> certificates(const json::object& status) {
    std::vector<std::string> lines;
    for (const json::value& value : status.at("certificates").as_array()) {
        const json::object& certificate = value.as_object();
        const json::value* const days = certificate.if_contains("days_left");
        const std::string left = !days ? say("none yet")
                                 : days->to_number<std::int64_t>() == 1
                                     ? say("1 day left")
                                     : say("{} days left", days->to_number<std::int64_t>());
        lines.push_back(fmt::format("{}: {}", text_of(certificate, "name"), left));
    }
    return lines;
}

std::string last_backup(const json::object& status) {
    const json::value& backup = status.at("last_backup");
    if (!backup.is_object()) return say("none that is known of");
    return say("{} in {}", text_of(backup.as_object(), "time"), text_of(backup.as_object(), "folder"));
}

int show_status(Commands& commands, const Arguments& arguments) {
    const auto status = commands.ask("/status", {});
    if (!status) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*status);
        return kDone;
    }
    print_line(say("Tegami {} on {}, running since {}", text_of(*status, "version"), text_of(*status, "host_name"),
                   text_of(*status, "started")));
    print_gap();
    std::vector<std::vector<std::string>> rows;
    add_rows(rows, say("listening"), places(*status));
    add_rows(rows, say("connections"),
             {say("{} of {}", number_of(*status, "connections"), number_of(*status, "connections_max"))});
    add_rows(rows, say("memory"), uses_of_memory(*status));
    const std::string queued = count_of(count_in(*status, "queued"), "message");
    const std::string oldest = text_of(*status, "queue_oldest");
    add_rows(rows, say("queue"),
             {oldest.empty() ? say("{} waiting", queued) : say("{} waiting, the oldest since {}", queued, oldest)});
    add_rows(rows, say("store"),
             {say("{}, and {} free on its disk", print_about(number_of(*status, "store_bytes")),
                  print_about(number_of(*status, "disk_free_bytes")))});
    add_rows(rows, say("word index"),
             {number_of(*status, "index_waiting") == 0
                  ? say("complete")
                  : say("{} to come to", count_of(count_in(*status, "index_waiting"), "message"))});
    add_rows(rows, say("certificates"), certificates(*status));
    add_rows(rows, say("last backup"), {last_backup(*status)});
    print_table(rows);
    for (const json::value& warning : status->at("warnings").as_array()) {
        if (&warning == &status->at("warnings").as_array().front()) print_gap();
        print_line(say("Please look: {}.", from_server(spoken_language(), std::string_view(warning.as_string()))));
    }
    return kDone;
}

} // namespace

Command status_command() {
    return {.name = "status",
            .help = "Tell how the running server is: where it listens, who uses its memory, what waits",
            .options = {json_option()},
            .footer = "Example:\n  tegami status",
            .run = show_status};
}

} // namespace tegami::app
