// tegami account undelete
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include "app/configuration/units.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

namespace tegami::app {

namespace {

/// What is asked for; nothing, with a complaint, if it makes no sense.
std::optional<json::object> request_for(const Arguments& arguments) {
    json::object request{{"address", arguments.text("ADDRESS")}};
    if (!arguments.text("--mailbox").empty()) request["mailbox"] = arguments.text("--mailbox");
    if (!arguments.text("--message").empty()) request["message_id"] = arguments.text("--message");
    if (!arguments.text("--as").empty()) request["as"] = arguments.text("--as");
    if (arguments.text("--since").empty()) return request;
    std::optional<std::chrono::sys_seconds> since = parse_time(arguments.text("--since"));
    if (const auto ago = parse_duration(arguments.text("--since")))
        since = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - *ago;
    if (!since || since->time_since_epoch().count() <= 0) {
        complain(kWrongUse, say("--since: {} is neither a time such as 2026-11-25T16:00:00Z nor how long ago, "
                                "such as 2h or 1d",
                                arguments.text("--since")));
        return std::nullopt;
    }
    request["since"] = since->time_since_epoch().count();
    return request;
}

int list_undeletable(Commands& commands, const Arguments& arguments, json::object request) {
    const auto found = commands.ask_all("/account/expunged", std::move(request), "messages");
    if (!found) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"messages", *found}});
        return kDone;
    }
    if (found->empty()) print_line(say("There is nothing to bring back."));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *found) {
        const json::object& message = value.as_object();
        rows.push_back({shortened(text_of(message, "mailbox")), say("deleted {}", text_of(message, "expunged")),
                        shortened(text_of(message, "from")), shortened(text_of(message, "subject")),
                        shortened(text_of(message, "date")), count_of(count_in(message, "bytes"), "octet")});
    }
    print_table(rows);
    return kDone;
}

/// How many messages of each mailbox.
std::map<std::string, std::size_t> by_mailbox(const json::array& found) {
    std::map<std::string, std::size_t> counts;
    for (const json::value& value : found)
        ++counts[shortened(text_of(value.as_object(), "mailbox"))];
    return counts;
}

/// How many messages could not come back for each reason.
std::map<std::string, std::size_t> by_reason(const json::array& found) {
    std::map<std::string, std::size_t> counts;
    for (const json::value& value : found)
        ++counts[text_of(value.as_object(), "reason")];
    return counts;
}

/// What all pages together say.
struct UndeleteOutcome {
    json::array back;
    json::array left;
    std::optional<json::object> account; ///< that came back as a whole
    std::optional<json::object> removed; ///< one with this address that did not
};

std::optional<UndeleteOutcome> ask_all_pages(Commands& commands, json::object request) {
    UndeleteOutcome outcome;
    for (;;) {
        std::optional<json::object> page = commands.ask("/account/undelete", request);
        if (!page) return std::nullopt;
        const auto take = [&](std::string_view name, json::array& into) {
            if (json::value* const rows = page->if_contains(name); rows && rows->is_array())
                std::ranges::move(rows->get_array(), std::back_inserter(into));
        };
        take("brought_back", outcome.back);
        take("left", outcome.left);
        if (const json::value* const account = page->if_contains("account")) outcome.account = account->as_object();
        if (const json::value* const removed = page->if_contains("removed_account"))
            outcome.removed = removed->as_object();
        const json::value* const next = page->if_contains("next");
        if (!next) return outcome;
        request["from"] = *next;
    }
}

int bring_back(Commands& commands, const Arguments& arguments, json::object request) {
    const std::optional<UndeleteOutcome> outcome = ask_all_pages(commands, std::move(request));
    if (!outcome) return commands.status();
    const int status = outcome->left.empty() ? kDone : kFailed;
    if (arguments.flag("--json")) {
        if (outcome->account)
            print_json(json::object{{"account", *outcome->account}});
        else
            print_json(json::object{{"brought_back", outcome->back}, {"left", outcome->left}});
        return status;
    }
    if (outcome->account) {
        print_line(
            say("account {} is back, with its password and all its mail", text_of(*outcome->account, "address")));
        return kDone;
    }
    if (outcome->back.empty() && outcome->left.empty()) print_line(say("There is nothing to bring back."));
    for (const auto& [mailbox, count] : by_mailbox(outcome->back))
        print_line(say("{} brought back into {}", count_of(count, "message"), mailbox));
    for (const auto& [reason, count] : by_reason(outcome->left))
        complain(kFailed, say("{} not brought back: {}", count_of(count, "message"), reason));
    if (outcome->removed)
        print_line(say("Another account {0} was removed on {1}: tegami account undelete {0} --as NEWADDRESS "
                       "brings it back under another address, until {2}.",
                       text_of(*outcome->removed, "address"), text_of(*outcome->removed, "removed"),
                       text_of(*outcome->removed, "kept_until")));
    return status;
}

int undelete(Commands& commands, const Arguments& arguments) {
    std::optional<json::object> request = request_for(arguments);
    if (!request) return kWrongUse;
    if (arguments.flag("--list")) return list_undeletable(commands, arguments, *std::move(request));
    return bring_back(commands, arguments, *std::move(request));
}

} // namespace

Command undelete_command() {
    return {.name = "undelete",
            .help = "Bring back deleted messages, mailboxes, or a removed account",
            .options = {{.kind = Option::Kind::text,
                         .name = "ADDRESS",
                         .help = "The account",
                         .required = true,
                         .names = Option::Names::accounts},
                        {.kind = Option::Kind::text,
                         .name = "--mailbox",
                         .help = "Only what was in this mailbox",
                         .value = "NAME"},
                        {.kind = Option::Kind::text,
                         .name = "--message",
                         .help = "Only the message with this Message-ID",
                         .value = "MESSAGE-ID"},
                        {.kind = Option::Kind::text,
                         .name = "--since",
                         .help = "Only what was deleted since then: a time, or how long ago",
                         .value = "WHEN"},
                        {.name = "--list", .help = "Only show what could be brought back"},
                        {.kind = Option::Kind::text,
                         .name = "--as",
                         .help = "Bring a removed account back under another address",
                         .value = "NEWADDRESS",
                         .excludes = {"--list"}},
                        json_option()},
            .footer =
                "Messages come back into the mailbox they were in, with their flags. What was deleted longer ago than\n"
                "retention.expunged_days is gone.\n"
                "Examples:\n  tegami account undelete anna@example.org --list --since 2h\n"
                "  tegami account undelete anna@example.org --since 2h\n"
                "  tegami account undelete anna@example.org --mailbox Projects/2026\n"
                "  tegami account undelete anna@example.org --message '<1234@example.com>'\n"
                "  tegami account undelete anna@example.org --since 2026-11-25T16:00:00Z\n"
                "  tegami account undelete anna@example.org --as anna.old@example.org",
            .run = undelete};
}

} // namespace tegami::app
