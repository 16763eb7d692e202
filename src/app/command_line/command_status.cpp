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
    add_rows(rows, "queue",
             {fmt::format("{}{} waiting", status->at("queued_more").as_bool() ? "more than " : "",
                          counted(*status, "queued", "message"))});
    add_rows(rows, "disk", {fmt::format("{} free", print_about(number_of(*status, "disk_free_bytes")))});
    print_table(rows);
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
