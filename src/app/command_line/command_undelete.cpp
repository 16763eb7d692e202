// tegami account undelete
#include "app/command_line/commands.h"

#include "app/configuration/units.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>

namespace tegami::app {

namespace json = boost::json;

namespace {

struct UndeleteOptions {
    std::string address;
    std::string mailbox;
    std::string message_id;
    std::string since;
    std::string as;
    bool list = false;
    bool as_json = false;
};

/// What is asked for; nothing, with a complaint, if it makes no sense.
std::optional<json::object> request_for(const UndeleteOptions& options) {
    json::object request{{"address", options.address}};
    if (!options.mailbox.empty()) request["mailbox"] = options.mailbox;
    if (!options.message_id.empty()) request["message_id"] = options.message_id;
    if (!options.as.empty()) request["as"] = options.as;
    if (options.since.empty()) return request;
    std::optional<std::chrono::sys_seconds> since = parse_time(options.since);
    if (const auto ago = parse_duration(options.since))
        since = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - *ago;
    if (!since || since->time_since_epoch().count() <= 0) {
        complain(kWrongUse, fmt::format("--since: {} is neither a time such as 2026-11-25T16:00:00Z nor how long ago, "
                                        "such as 2h or 1d",
                                        options.since));
        return std::nullopt;
    }
    request["since"] = since->time_since_epoch().count();
    return request;
}

std::string messages(std::size_t count) {
    return fmt::format("{} {}", count, count == 1 ? "message" : "messages");
}

int list(Commands& commands, const UndeleteOptions& options, json::object request) {
    const auto found = commands.ask_all("/account/expunged", std::move(request), "messages");
    if (!found) return commands.status();
    if (options.as_json) {
        print_json(json::object{{"messages", *found}});
        return kDone;
    }
    if (found->empty()) print_line("There is nothing to bring back.");
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *found) {
        const json::object& message = value.as_object();
        rows.push_back({one_line(text_of(message, "mailbox")), "deleted " + text_of(message, "expunged"),
                        one_line(text_of(message, "from")), one_line(text_of(message, "subject")),
                        one_line(text_of(message, "date")), text_of(message, "bytes") + " octets"});
    }
    print_table(rows);
    return kDone;
}

/// How many messages of each mailbox.
std::map<std::string, std::size_t> by_mailbox(const json::array& found) {
    std::map<std::string, std::size_t> counts;
    for (const json::value& value : found)
        ++counts[one_line(text_of(value.as_object(), "mailbox"))];
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
struct Outcome {
    json::array back;
    json::array left;
    std::optional<json::object> account; ///< that came back as a whole
    std::optional<json::object> removed; ///< one with this address that did not
};

std::optional<Outcome> ask_all_pages(Commands& commands, json::object request) {
    Outcome outcome;
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

int bring_back(Commands& commands, const UndeleteOptions& options, json::object request) {
    const std::optional<Outcome> outcome = ask_all_pages(commands, std::move(request));
    if (!outcome) return commands.status();
    const int status = outcome->left.empty() ? kDone : kFailed;
    if (options.as_json) {
        if (outcome->account)
            print_json(json::object{{"account", *outcome->account}});
        else
            print_json(json::object{{"brought_back", outcome->back}, {"left", outcome->left}});
        return status;
    }
    if (outcome->account) {
        print_line(fmt::format("account {} is back, with its password and all its mail",
                               text_of(*outcome->account, "address")));
        return kDone;
    }
    if (outcome->back.empty() && outcome->left.empty()) print_line("There is nothing to bring back.");
    for (const auto& [mailbox, count] : by_mailbox(outcome->back))
        print_line(fmt::format("{} brought back into {}", messages(count), mailbox));
    for (const auto& [reason, count] : by_reason(outcome->left))
        complain(kFailed, fmt::format("{} not brought back: {}", messages(count), reason));
    if (outcome->removed)
        print_line(fmt::format("Another account {0} was removed on {1}: tegami account undelete {0} --as NEWADDRESS "
                               "brings it back under another address, until {2}.",
                               text_of(*outcome->removed, "address"), text_of(*outcome->removed, "removed"),
                               text_of(*outcome->removed, "kept_until")));
    return status;
}

int undelete(Commands& commands, const UndeleteOptions& options) {
    std::optional<json::object> request = request_for(options);
    if (!request) return kWrongUse;
    if (options.list) return list(commands, options, *std::move(request));
    return bring_back(commands, options, *std::move(request));
}

} // namespace

void add_undelete_command(CLI::App& family, Commands& commands) {
    auto options = std::make_shared<UndeleteOptions>();
    CLI::App* const command =
        family.add_subcommand("undelete", "Bring back deleted messages, mailboxes, or a removed account");
    command->add_option("ADDRESS", options->address, "The account")->required();
    command->add_option("--mailbox", options->mailbox, "Only what was in this mailbox")->type_name("NAME");
    command->add_option("--message", options->message_id, "Only the message with this Message-ID")
        ->type_name("MESSAGE-ID");
    command->add_option("--since", options->since, "Only what was deleted since then: a time, or how long ago")
        ->type_name("WHEN");
    CLI::Option* const listing = command->add_flag("--list", options->list, "Only show what could be brought back");
    command->add_option("--as", options->as, "Bring a removed account back under another address")
        ->type_name("NEWADDRESS")
        ->excludes(listing);
    command->add_flag("--json", options->as_json, "Print JSON");
    command->footer(
        "Messages come back into the mailbox they were in, with their flags. What was deleted longer ago than\n"
        "retention.expunged_days is gone.\n"
        "Examples:\n  tegami account undelete anna@example.org --list --since 2h\n"
        "  tegami account undelete anna@example.org --since 2h\n"
        "  tegami account undelete anna@example.org --mailbox Projects/2026\n"
        "  tegami account undelete anna@example.org --message '<1234@example.com>'\n"
        "  tegami account undelete anna@example.org --since 2026-11-25T16:00:00Z\n"
        "  tegami account undelete anna@example.org --as anna.old@example.org");
    command->callback(
        [&commands, options] { commands.action = [&commands, options] { return undelete(commands, *options); }; });
}

} // namespace tegami::app
