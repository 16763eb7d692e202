// tegami status
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/configuration/units.h"

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
        lines.push_back(
            fmt::format("{} on {}", text_of(value.as_object(), "service"), text_of(value.as_object(), "endpoint")));
    return lines;
}

std::vector<std::string> uses_of_memory(const json::object& status) {
    std::vector<std::string> lines{fmt::format("{} of {}", print_about(number_of(status, "memory_bytes")),
                                               print_about(number_of(status, "memory_budget")))};
    for (const json::value& value : status.at("memory").as_array()) {
        const json::object& part = value.as_object();
        const std::string most =
            part.contains("bytes_max") ? fmt::format(" of {}", print_about(number_of(part, "bytes_max"))) : "";
        lines.push_back(fmt::format("{}: {}{}", text_of(part, "name"), print_about(number_of(part, "bytes")), most));
    }
    return lines;
}

std::vector<std::string> certificates(const json::object& status) {
    std::vector<std::string> lines;
    for (const json::value& value : status.at("certificates").as_array()) {
        const json::object& certificate = value.as_object();
        const json::value* const days = certificate.if_contains("days_left");
        const std::string left = days ? fmt::format("{} days left", days->to_number<std::int64_t>()) : "none yet";
        lines.push_back(fmt::format("{}: {}", text_of(certificate, "name"), left));
    }
    return lines;
}

std::string last_backup(const json::object& status) {
    const json::value& backup = status.at("last_backup");
    if (!backup.is_object()) return "none that is known of";
    return fmt::format("{} in {}", text_of(backup.as_object(), "time"), text_of(backup.as_object(), "folder"));
}

int show_status(Commands& commands, const Arguments& arguments) {
    const auto status = commands.ask("/status", {});
    if (!status) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*status);
        return kDone;
    }
    print_line(fmt::format("Tegami {} on {}, running since {}", text_of(*status, "version"),
                           text_of(*status, "host_name"), text_of(*status, "started")));
    print_gap();
    std::vector<std::vector<std::string>> rows;
    add_rows(rows, "listening", places(*status));
    add_rows(rows, "connections",
             {fmt::format("{} of {}", number_of(*status, "connections"), number_of(*status, "connections_max"))});
    add_rows(rows, "memory", uses_of_memory(*status));
    const std::string oldest = text_of(*status, "queue_oldest");
    add_rows(rows, "queue",
             {fmt::format("{} waiting{}", counted(*status, "queued", "message"),
                          oldest.empty() ? "" : fmt::format(", the oldest since {}", oldest))});
    add_rows(rows, "store",
             {fmt::format("{}, and {} free on its disk", print_about(number_of(*status, "store_bytes")),
                          print_about(number_of(*status, "disk_free_bytes")))});
    add_rows(rows, "word index",
             {number_of(*status, "index_waiting") == 0 ? "complete"
                                                       : counted(*status, "index_waiting", "message") + " to come to"});
    add_rows(rows, "certificates", certificates(*status));
    add_rows(rows, "last backup", {last_backup(*status)});
    print_table(rows);
    for (const json::value& warning : status->at("warnings").as_array()) {
        if (&warning == &status->at("warnings").as_array().front()) print_gap();
        print_line(fmt::format("Please look: {}.", std::string_view(warning.as_string())));
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
