// tegami queue list|show|retry|remove
#include "app/command_line/commands.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace tegami::app {

namespace json = boost::json;

namespace {

struct QueueOptions {
    std::uint64_t id = 0;
    std::vector<std::uint64_t> ids;
    bool all = false;
    bool as_json = false;
};

std::string sender_of(const json::object& entry) {
    const std::string sender = text_of(entry, "sender");
    return sender.empty() ? "<> (a report)" : sender;
}

/// The last thing another server, or we, said about a recipient that still waits.
std::string reason_of(const json::object& entry) {
    for (const json::value& value : entry.at("recipients").as_array()) {
        const std::string reply = text_of(value.as_object(), "last_reply");
        if (!reply.empty()) return reply;
    }
    return "not tried yet";
}

int list(Commands& commands, const QueueOptions& options) {
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return commands.status();
    if (options.as_json) {
        print_json(json::object{{"entries", *entries}});
        return kDone;
    }
    if (entries->empty()) print_line("The queue is empty.");
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *entries) {
        const json::object& entry = value.as_object();
        const json::array& recipients = entry.at("recipients").as_array();
        std::string to = text_of(recipients.at(0).as_object(), "address");
        if (recipients.size() > 1) to += fmt::format(" and {} more", recipients.size() - 1);
        rows.push_back({text_of(entry, "id"), sender_of(entry), "to " + to, "next try " + text_of(entry, "next_due"),
                        reason_of(entry)});
    }
    print_table(rows);
    return kDone;
}

int show(Commands& commands, const QueueOptions& options) {
    const auto entry = commands.ask("/queue/show", {{"id", options.id}});
    if (!entry) return commands.status();
    if (options.as_json) {
        print_json(*entry);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows{{"entry", text_of(*entry, "id")},
                                               {"sender", sender_of(*entry)},
                                               {"size", text_of(*entry, "bytes") + " octets"},
                                               {"since", text_of(*entry, "created")},
                                               {"next try", text_of(*entry, "next_due")},
                                               {"given up", text_of(*entry, "expires")},
                                               {"journey", text_of(*entry, "journey")}};
    for (const json::value& value : entry->at("recipients").as_array()) {
        const json::object& recipient = value.as_object();
        rows.push_back({"recipient", fmt::format("{}: {} after {} attempts", text_of(recipient, "address"),
                                                 text_of(recipient, "state"), text_of(recipient, "attempts"))});
        if (!text_of(recipient, "last_reply").empty())
            rows.push_back({"", fmt::format("{} {}: {}", text_of(recipient, "last_attempt"),
                                            text_of(recipient, "last_server"), text_of(recipient, "last_reply"))});
    }
    if (entry->contains("subject")) rows.push_back({"subject", text_of(*entry, "subject")});
    if (entry->contains("preview")) rows.push_back({"begins with", text_of(*entry, "preview")});
    print_table(rows);
    return kDone;
}

/// The ids that were named, or all there are.
std::optional<std::vector<std::uint64_t>> chosen(Commands& commands, const QueueOptions& options) {
    if (!options.all) return options.ids;
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return std::nullopt;
    std::vector<std::uint64_t> ids;
    for (const json::value& value : *entries)
        ids.push_back(value.as_object().at("id").to_number<std::uint64_t>());
    return ids;
}

int each(Commands& commands, const QueueOptions& options, std::string_view operation, std::string_view done) {
    if (options.all != options.ids.empty())
        return complain(kWrongUse, "name the queue entries by their numbers, or give --all");
    const auto ids = chosen(commands, options);
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

int retry(Commands& commands, const QueueOptions& options) {
    return each(commands, options, "/queue/retry", "is tried again now");
}

int remove(Commands& commands, const QueueOptions& options) {
    return each(commands, options, "/queue/remove", "removed");
}

} // namespace

void add_queue_commands(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<QueueOptions>();
    const auto does = [&commands, options](CLI::App* command, int (*what)(Commands&, const QueueOptions&)) {
        command->callback([&commands, options, what] {
            commands.action = [&commands, options, what] { return what(commands, *options); };
        });
    };
    CLI::App* const family = app.add_subcommand("queue", "Messages that still have somewhere to go");
    family->require_subcommand(1);
    family->footer("Examples:\n  tegami queue list\n  tegami queue retry --all");

    CLI::App* const listing = family->add_subcommand("list", "List the queue");
    listing->add_flag("--json", options->as_json, "Print JSON");
    listing->footer("Example:\n  tegami queue list");
    does(listing, list);

    CLI::App* const showing = family->add_subcommand("show", "Show one entry with the words of the other servers");
    showing->add_option("ID", options->id, "Its number in the list")->required();
    showing->add_flag("--json", options->as_json, "Print JSON");
    showing->footer("Example:\n  tegami queue show 17");
    does(showing, show);

    CLI::App* const retrying = family->add_subcommand("retry", "Try entries again now");
    retrying->add_option("ID", options->ids, "Their numbers in the list");
    retrying->add_flag("--all", options->all, "Every entry");
    retrying->footer("Examples:\n  tegami queue retry 17 18\n  tegami queue retry --all");
    does(retrying, retry);

    CLI::App* const removing = family->add_subcommand("remove", "Throw entries away; their senders are not told");
    removing->add_option("ID", options->ids, "Their numbers in the list");
    removing->add_flag("--all", options->all, "Every entry");
    removing->footer("Example:\n  tegami queue remove 17");
    does(removing, remove);
}

} // namespace tegami::app
