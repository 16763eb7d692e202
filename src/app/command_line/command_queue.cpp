// tegami queue list|show|retry|remove
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

std::string sender_of(const json::object& entry) {
    const std::string sender = text_of(entry, "sender");
    return sender.empty() ? "<> (a report)" : sender;
}

/// Calls `see(item, recipient)` for everybody who still waits.
template <class See>
void for_each_recipient(const json::object& entry, See see) {
    for (const json::value& value : entry.at("items").as_array())
        for (const json::value& recipient : value.as_object().at("recipients").as_array())
            see(value.as_object(), recipient.as_object());
}

/// The last thing another server, or we, said about a recipient that still waits.
std::string reason_of(const json::object& entry) {
    std::string reason = "not tried yet";
    for_each_recipient(entry, [&](const json::object&, const json::object& recipient) {
        if (reason == "not tried yet" && !text_of(recipient, "last_reply").empty())
            reason = text_of(recipient, "last_reply");
    });
    return reason;
}

std::string recipients_of(const json::object& entry) {
    std::string to;
    std::size_t count = 0;
    for_each_recipient(entry, [&](const json::object&, const json::object& recipient) {
        if (count++ == 0) to = text_of(recipient, "address");
    });
    return count > 1 ? fmt::format("{} and {} more", to, count - 1) : to;
}

/// Of its destinations, the one that is due first.
std::string next_try_of(const json::object& entry) {
    std::string first;
    for (const json::value& value : entry.at("items").as_array()) {
        const std::string due = text_of(value.as_object(), "next_due");
        if (first.empty() || due < first) first = due;
    }
    return first;
}

int list_queue(Commands& commands, const Arguments& arguments) {
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"entries", *entries}});
        return kDone;
    }
    if (entries->empty()) print_line("The queue is empty.");
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *entries) {
        const json::object& entry = value.as_object();
        rows.push_back({text_of(entry, "id"), sender_of(entry), "to " + recipients_of(entry),
                        "next try " + next_try_of(entry), reason_of(entry)});
    }
    print_table(rows);
    return kDone;
}

int show(Commands& commands, const Arguments& arguments) {
    const auto entry = commands.ask("/queue/show", {{"id", arguments.number("ID")}});
    if (!entry) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*entry);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows{{"entry", text_of(*entry, "id")},
                                               {"sender", sender_of(*entry)},
                                               {"size", counted(*entry, "bytes", "octet")},
                                               {"since", text_of(*entry, "created")},
                                               {"given up", text_of(*entry, "expires")},
                                               {"journey", text_of(*entry, "journey")}};
    for (const json::value& value : entry->at("items").as_array()) {
        const json::object& item = value.as_object();
        rows.push_back(
            {"waits for", fmt::format("{}, next try {}", text_of(item, "destination"), text_of(item, "next_due"))});
        for (const json::value& each : item.at("recipients").as_array()) {
            const json::object& recipient = each.as_object();
            rows.push_back(
                {"recipient", fmt::format("{}: {} after {}", text_of(recipient, "address"), text_of(recipient, "state"),
                                          counted(recipient, "attempts", "attempt"))});
            if (!text_of(recipient, "last_reply").empty())
                rows.push_back({"", fmt::format("{} {}: {}", text_of(recipient, "last_attempt"),
                                                text_of(recipient, "last_server"), text_of(recipient, "last_reply"))});
        }
    }
    if (entry->contains("subject")) rows.push_back({"subject", text_of(*entry, "subject")});
    if (entry->contains("preview")) rows.push_back({"begins with", text_of(*entry, "preview")});
    print_table(rows);
    return kDone;
}

/// The ids that were named, or all there are.
std::optional<std::vector<std::uint64_t>> chosen(Commands& commands, const Arguments& arguments) {
    if (!arguments.flag("--all")) return arguments.numbers("ID");
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return std::nullopt;
    std::vector<std::uint64_t> ids;
    for (const json::value& value : *entries)
        ids.push_back(value.as_object().at("id").to_number<std::uint64_t>());
    return ids;
}

int each(Commands& commands, const Arguments& arguments, const std::string& operation, std::string_view done) {
    if (arguments.flag("--all") != arguments.numbers("ID").empty())
        return complain(kWrongUse, "name the queue entries by their numbers, or give --all");
    const auto ids = chosen(commands, arguments);
    if (!ids) return commands.status();
    int status = kDone;
    for (const std::uint64_t id : *ids) {
        if (commands.ask(operation, {{"id", id}}))
            print_line(fmt::format("entry {} {}", id, done));
        else
            status = commands.status();
    }
    return status;
}

int retry(Commands& commands, const Arguments& arguments) {
    return each(commands, arguments, "/queue/retry", "is tried again now");
}

int remove_from_queue(Commands& commands, const Arguments& arguments) {
    return each(commands, arguments, "/queue/remove", "removed");
}

} // namespace

Command queue_command() {
    const Option ids{.kind = Option::Kind::numbers, .name = "ID", .help = "Their numbers in the list"};
    const Option all{.name = "--all", .help = "Every entry"};
    return {.name = "queue",
            .help = "Messages that still have somewhere to go",
            .footer = "Examples:\n  tegami queue list\n  tegami queue retry --all",
            .subcommands = {
                {.name = "list",
                 .help = "List the queue",
                 .options = {json_option()},
                 .footer = "Example:\n  tegami queue list",
                 .run = list_queue},
                {.name = "show",
                 .help = "Show one entry with the words of the other servers",
                 .options =
                     {{.kind = Option::Kind::number, .name = "ID", .help = "Its number in the list", .required = true},
                      json_option()},
                 .footer = "Example:\n  tegami queue show 17",
                 .run = show},
                {.name = "retry",
                 .help = "Try entries again now",
                 .options = {ids, all},
                 .footer = "Examples:\n  tegami queue retry 17 18\n  tegami queue retry --all",
                 .run = retry},
                {.name = "remove",
                 .help = "Throw entries away; their senders are not told",
                 .options = {ids, all},
                 .footer = "Example:\n  tegami queue remove 17",
                 .run = remove_from_queue},
            }};
}

} // namespace tegami::app
