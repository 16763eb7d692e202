// tegami queue list|show|retry|hold|release|bounce|remove
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

std::string sender_of(const json::object& entry) {
    const std::string sender = text_of(entry, "sender");
    return sender.empty() ? say("<> (a report)") : sender;
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
    std::string reason;
    for_each_recipient(entry, [&](const json::object&, const json::object& recipient) {
        if (reason.empty()) reason = text_of(recipient, "last_reply");
    });
    return reason.empty() ? say("not tried yet") : reason;
}

std::string recipients_of(const json::object& entry) {
    std::string to;
    std::size_t count = 0;
    for_each_recipient(entry, [&](const json::object&, const json::object& recipient) {
        if (count++ == 0) to = text_of(recipient, "address");
    });
    return count > 1 ? say("{} and {} more", to, count - 1) : to;
}

/// The name of its journey, or its number if it has none.
std::string name_of(const json::object& entry) {
    const std::string journey = text_of(entry, "journey");
    return journey.empty() ? text_of(entry, "id") : journey;
}

/// When an item is tried next, or what goes on there now.
std::string next_try_of(const json::object& item) {
    if (item.at("being_sent").as_bool()) return say("being sent now");
    const std::string due = text_of(item, "next_due");
    return due <= admin::print_time(SystemClock().now()) ? say("due now") : say("next try {}", due);
}

/// When somebody who wrote it wants it sent.
std::string wait_of(const json::object& entry) {
    return say("held until {}", text_of(entry, "held_until"));
}

/// Who stopped it and why; empty if nobody did.
std::string hold_of(const json::object& held) {
    if (!held.contains("hold")) return "";
    const json::object& hold = held.at("hold").as_object();
    const std::string reason = text_of(hold, "reason");
    return reason.empty() ? say("on hold since {} by {}", text_of(hold, "since"), text_of(hold, "by"))
                          : say("on hold since {} by {}: {}", text_of(hold, "since"), text_of(hold, "by"), reason);
}

/// Why nothing of an item is tried; empty if something is.
std::string hold_of_all(const json::object& item) {
    std::string hold = hold_of(item);
    if (!hold.empty()) return hold;
    for (const json::value& recipient : item.at("recipients").as_array()) {
        hold = hold_of(recipient.as_object());
        if (hold.empty()) return "";
    }
    return hold;
}

/// Of its destinations, the one that is being sent to, or that is due first.
std::string first_try_of(const json::object& entry) {
    if (entry.contains("held_until")) return wait_of(entry);
    const json::object* first = nullptr;
    std::string hold;
    for (const json::value& value : entry.at("items").as_array()) {
        const json::object& item = value.as_object();
        if (item.at("being_sent").as_bool()) return next_try_of(item);
        if (std::string all = hold_of_all(item); !all.empty()) {
            hold = std::move(all);
            continue;
        }
        if (!first || text_of(item, "next_due") < text_of(*first, "next_due")) first = &item;
    }
    return first ? next_try_of(*first) : hold;
}

int list_queue(Commands& commands, const Arguments& arguments) {
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return commands.status();
    const auto holds = commands.ask("/queue/holds", {});
    if (!holds) return commands.status();
    const json::array& destinations = holds->at("destinations").as_array();
    if (arguments.flag("--json")) {
        print_json(json::object{{"entries", *entries}, {"destinations_on_hold", destinations}});
        return kDone;
    }
    for (const json::value& each : destinations)
        print_line(
            fmt::format("{}: {}", text_of(each.as_object(), "destination"), hold_of(json::object{{"hold", each}})));
    if (entries->empty()) print_line(say("The queue is empty."));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *entries) {
        const json::object& entry = value.as_object();
        rows.push_back({name_of(entry), sender_of(entry), say("to {}", recipients_of(entry)), first_try_of(entry),
                        reason_of(entry)});
    }
    print_table(rows);
    return kDone;
}

int show(Commands& commands, const Arguments& arguments) {
    const auto entry = commands.ask("/queue/show", {{"letter", arguments.text("LETTER")}});
    if (!entry) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*entry);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows{
        {say("letter"), name_of(*entry)},           {say("number"), text_of(*entry, "id")},
        {say("sender"), sender_of(*entry)},         {say("size"), count_of(count_in(*entry, "bytes"), "octet")},
        {say("taken"), text_of(*entry, "created")}, {say("given up"), text_of(*entry, "expires")}};
    for (const json::value& value : entry->at("items").as_array()) {
        const json::object& item = value.as_object();
        const std::string hold = hold_of(item);
        const std::string when = entry->contains("held_until") ? wait_of(*entry)
                                 : hold.empty()                ? next_try_of(item)
                                                               : hold;
        rows.push_back({say("waits for"), fmt::format("{}, {}", text_of(item, "destination"), when)});
        for (const json::value& each : item.at("recipients").as_array()) {
            const json::object& recipient = each.as_object();
            rows.push_back(
                {say("recipient"), say("{}: {} after {}", text_of(recipient, "address"), text_of(recipient, "state"),
                                       count_of(count_in(recipient, "attempts"), "attempt"))});
            if (std::string held = hold_of(recipient); !held.empty()) rows.push_back({"", std::move(held)});
            if (!text_of(recipient, "last_reply").empty())
                rows.push_back({"", fmt::format("{} {}: {}", text_of(recipient, "last_attempt"),
                                                text_of(recipient, "last_server"), text_of(recipient, "last_reply"))});
        }
    }
    if (entry->contains("subject")) rows.push_back({say("subject"), text_of(*entry, "subject")});
    if (entry->contains("preview")) rows.push_back({say("begins with"), text_of(*entry, "preview")});
    print_table(rows);
    return kDone;
}

bool is_on_hold(const json::object& entry) {
    const json::value* const items = entry.if_contains("items");
    return items && std::ranges::none_of(items->as_array(),
                                         [](const json::value& item) { return hold_of_all(item.as_object()).empty(); });
}

enum class OnHold : std::uint8_t { too, not_them };

/// The letters that were named, or all there are.
std::optional<std::vector<std::string>> chosen(Commands& commands, const Arguments& arguments, OnHold on_hold) {
    if (!arguments.flag("--all")) return arguments.texts("LETTER");
    const auto entries = commands.ask_all("/queue/list", {}, "entries");
    if (!entries) return std::nullopt;
    std::vector<std::string> numbers;
    for (const json::value& value : *entries)
        if (on_hold == OnHold::too || !is_on_hold(value.as_object()))
            numbers.push_back(text_of(value.as_object(), "id"));
    return numbers;
}

int each(Commands& commands, const Arguments& arguments, const std::string& operation, OnHold on_hold,
         std::string (*done)(const std::string& letter)) {
    if (arguments.flag("--all") != arguments.texts("LETTER").empty())
        return complain(kWrongUse, say("name the letters as the list does, or give --all"));
    const auto letters = chosen(commands, arguments, on_hold);
    if (!letters) return commands.status();
    json::array changed;
    for (const std::string& letter : *letters) {
        json::object request{{"letter", letter}};
        // Of all there were some may have left the queue since.
        const auto answer = arguments.flag("--all") ? commands.ask_if_there(operation, std::move(request))
                                                    : commands.ask(operation, std::move(request));
        if (!answer) continue;
        changed.emplace_back(letter);
        if (!arguments.flag("--json")) print_line(done(letter));
    }
    print_as_json(arguments, json::object{{"letters", std::move(changed)}});
    return commands.status();
}

int retry(Commands& commands, const Arguments& arguments) {
    return each(commands, arguments, "/queue/retry", OnHold::not_them,
                [](const std::string& letter) { return say("letter {} is tried again now", letter); });
}

/// Asks for the letters that were named, or for the destination.
int stop_or_go(Commands& commands, const Arguments& arguments, const std::string& operation, const json::object& more,
               std::string (*letter_done)(const std::string& letter, const json::object& answer),
               std::string (*destination_done)(const std::string& destination, const json::object& answer)) {
    const std::vector<std::string>& letters = arguments.texts("LETTER");
    const std::string& destination = arguments.text("--destination");
    if (letters.empty() == destination.empty())
        return complain(kWrongUse, say("name the letters as the list does, or give --destination"));
    if (arguments.given("--to") && letters.size() != 1) return complain(kWrongUse, say("--to goes with one letter"));
    json::array answers;
    const auto ask = [&](json::object request, const std::string& name, auto done) {
        for (const auto& [key, value] : more)
            request[key] = value;
        const auto answer = commands.ask(operation, std::move(request));
        if (!answer) return;
        if (!arguments.flag("--json")) print_line(done(name, *answer));
        answers.emplace_back(*answer);
    };
    if (!destination.empty()) ask({{"destination", destination}}, destination, destination_done);
    for (const std::string& letter : letters) {
        json::object request{{"letter", letter}};
        if (arguments.given("--to")) request["recipient"] = arguments.text("--to");
        ask(std::move(request), letter, letter_done);
    }
    print_as_json(arguments, json::object{{"done", std::move(answers)}});
    return commands.status();
}

int hold(Commands& commands, const Arguments& arguments) {
    return stop_or_go(
        commands, arguments, "/queue/hold", {{"reason", arguments.text("--reason")}},
        [](const std::string& letter, const json::object&) {
            return say("letter {} is on hold until it is released", letter);
        },
        [](const std::string& destination, const json::object&) {
            return say("everything for {} is on hold until it is released, also what comes", destination);
        });
}

int release(Commands& commands, const Arguments& arguments) {
    return stop_or_go(
        commands, arguments, "/queue/release", {},
        [](const std::string& letter, const json::object&) {
            return say("letter {} is released, and tried now", letter);
        },
        [](const std::string& destination, const json::object&) {
            return say("{} is released: what waits for it is tried now", destination);
        });
}

int bounce(Commands& commands, const Arguments& arguments) {
    return stop_or_go(
        commands, arguments, "/queue/bounce", {{"reason", arguments.text("--reason")}},
        [](const std::string& letter, const json::object& answer) {
            const std::string sender = text_of(answer, "sender");
            return sender.empty() ? say("letter {} is given up; it has no sender to be told", letter)
                                  : say("letter {} is given up, and {} is told", letter, sender);
        },
        [](const std::string& destination, const json::object& answer) {
            return say("{}: {} given up, and the senders are told", destination,
                       count_of(count_in(answer, "letters"), "letter"));
        });
}

int remove_from_queue(Commands& commands, const Arguments& arguments) {
    return each(commands, arguments, "/queue/remove", OnHold::too,
                [](const std::string& letter) { return say("letter {} removed", letter); });
}

} // namespace

Command queue_command() {
    const Option letters{.kind = Option::Kind::texts,
                         .name = "LETTER",
                         .help = "Their names in the list, or numbers",
                         .names = Option::Names::letters};
    const Option all{.name = "--all", .help = "All of them"};
    const Option to{
        .kind = Option::Kind::text, .name = "--to", .help = "Only this recipient of the letter", .value = "ADDRESS"};
    const Option destination{.kind = Option::Kind::text,
                             .name = "--destination",
                             .help = "Instead of letters: everything for this mail domain",
                             .value = "DOMAIN"};
    const Option reason{.kind = Option::Kind::text, .name = "--reason", .help = "Why", .value = "TEXT"};
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
                 .help = "Show one letter with the words of the other servers",
                 .options = {{.kind = Option::Kind::text,
                              .name = "LETTER",
                              .help = "Its name in the list, or its number",
                              .required = true,
                              .names = Option::Names::letters},
                             json_option()},
                 .footer = "Example:\n  tegami queue show 019ac1b2f3a4kx7w2mvq9ht4",
                 .run = show},
                {.name = "retry",
                 .help = "Try letters again now",
                 .options = {letters, all, json_option()},
                 .footer = "Examples:\n  tegami queue retry 19 20\n  tegami queue retry --all",
                 .run = retry},
                {.name = "hold",
                 .help = "Stop letters, or everything for a destination, until they are released",
                 .options = {letters, to, destination, reason, json_option()},
                 .footer = "Nothing expires on hold, and the time on hold does not count.\n"
                           "Examples:\n  tegami queue hold 19 --reason \"is this account stolen?\"\n"
                           "  tegami queue hold --destination example.org",
                 .run = hold},
                {.name = "release",
                 .help = "End a hold: what was stopped is tried now",
                 .options = {letters, to, destination, json_option()},
                 .footer = "Examples:\n  tegami queue release 19\n  tegami queue release --destination example.org",
                 .run = release},
                {.name = "bounce",
                 .help = "Give letters up; their senders are told now, with the reason",
                 .options = {letters, to, destination, reason, json_option()},
                 .footer = "Examples:\n  tegami queue bounce 19 --reason \"we do not send such letters\"\n"
                           "  tegami queue bounce --destination example.org",
                 .run = bounce},
                {.name = "remove",
                 .help = "Throw letters away; their senders are not told",
                 .options = {letters, all, json_option()},
                 .footer = "Example:\n  tegami queue remove 019ac1b2f3a4kx7w2mvq9ht4",
                 .run = remove_from_queue},
            }};
}

} // namespace tegami::app
