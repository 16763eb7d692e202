// tegami restore
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"

#include "app/command_line/restore_whole.h"
#include "app/command_line/transfer_progress.h"
#include "app/configuration/units.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

int restore_whole(const Arguments& arguments) {
    const auto done = [&] {
        TransferProgress progress(false, 0);
        return run_whole_restore({.backup = absolute_path(arguments.text("DIR")),
                                  .point = arguments.text("--point"),
                                  .to = absolute_path(arguments.text("--to")),
                                  .progress = [&progress](std::uint64_t octets, std::uint64_t octets_in_all) {
                                      progress.show_of(octets, octets_in_all);
                                  }});
    }();
    if (!done) return complain(kFailed, done.error());
    const json::array& damage = done->at("damage").as_array();
    const int status = damage.empty() ? kDone : kFailed;
    if (arguments.flag("--json")) {
        print_json(*done);
        return status;
    }
    for (const json::value& sentence : damage)
        complain(kFailed, std::string_view(sentence.as_string()));
    for (const json::value& note : done->at("notes").as_array())
        print_line(std::string_view(note.as_string()));
    print_line(say("restored as of {}: {}, {}.", text_of(*done, "point"),
                   count_of(count_in(*done, "accounts"), "account"),
                   print_about(done->at("bytes").to_number<std::uint64_t>())));
    print_gap();
    print_line(say("Next:"));
    print_line(fmt::format("  tegami {} --config {}", damage.empty() ? "serve" : "repair", text_of(*done, "config")));
    return status;
}

void print_restored(const std::string& account, const json::object& done) {
    if (done.at("account_made").as_bool()) print_line(say("account {} made again, with the password it had", account));
    for (const json::value& value : done.at("mailboxes").as_array()) {
        const json::object& mailbox = value.as_object();
        if (mailbox.at("messages").to_number<std::uint64_t>() == 0) continue;
        print_line(say("{} {}: {} of {} restored, {} there already", account, text_of(mailbox, "name"),
                       text_of(mailbox, "restored"), count_of(count_in(mailbox, "messages"), "message"),
                       text_of(mailbox, "already_there")));
    }
    if (done.at("restored") == 0 && done.at("failed") == 0 && !done.at("over_quota").as_bool())
        print_line(say("{}: nothing was missing", account));
    for (const json::value& problem : done.at("problems").as_array())
        complain(kFailed, fmt::format("{}: {}", account, std::string_view(problem.as_string())));
    if (done.at("over_quota").as_bool())
        complain(kFailed, say("{0}: its quota is full: {1} came back; raise the quota (tegami account set {0} "
                              "--quota SIZE) and do it again",
                              account, count_of(count_in(done, "restored"), "message")));
}

/// Restores one account; whether all of it came back, or nothing if nothing did.
std::optional<bool> restore_account(Commands& commands, const Arguments& arguments, const std::string& account,
                                    json::array& answers) {
    json::object request{{"directory", absolute_path(arguments.text("DIR"))},
                         {"point", arguments.text("--point")},
                         {"account", account}};
    if (!arguments.text("--mailbox").empty()) request["mailbox"] = arguments.text("--mailbox");
    if (!arguments.text("--message").empty()) {
        std::string_view id = arguments.text("--message");
        if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
        request["message"] = id;
    }
    if (arguments.given("--into")) request["into"] = arguments.text("--into");
    auto done = commands.ask_long("/restore", std::move(request));
    if (!done) return std::nullopt;
    const bool whole = done->at("problems").as_array().empty() && !done->at("over_quota").as_bool();
    if (!arguments.flag("--json")) print_restored(account, *done);
    (*done)["account"] = account;
    answers.push_back(*std::move(done));
    return whole;
}

int restore_accounts(Commands& commands, const Arguments& arguments) {
    std::vector<std::string> accounts{arguments.text("--account")};
    if (arguments.flag("--all-accounts")) {
        accounts.clear();
        const auto all = commands.ask_all(
            "/restore/accounts",
            {{"directory", absolute_path(arguments.text("DIR"))}, {"point", arguments.text("--point")}}, "accounts");
        if (!all) return commands.status();
        for (const json::value& one : *all)
            accounts.emplace_back(one.as_string());
    }
    json::array answers;
    int status = kDone;
    for (const std::string& account : accounts) {
        const auto whole = restore_account(commands, arguments, account, answers);
        if (!whole && !arguments.flag("--all-accounts")) return commands.status();
        if (!whole || !*whole) status = kFailed; // the others may come back all the same
    }
    if (arguments.flag("--json")) print_json(json::object{{"accounts", std::move(answers)}});
    return status;
}

int restore(Commands& commands, const Arguments& arguments) {
    const int ways = (arguments.text("--to").empty() ? 0 : 1) + (arguments.text("--account").empty() ? 0 : 1) +
                     (arguments.flag("--all-accounts") ? 1 : 0);
    if (ways != 1)
        return complain(kWrongUse,
                        say("say what to restore: --to DIR (a whole server), --account ADDRESS or --all-accounts"));
    if (arguments.text("--account").empty() &&
        !(arguments.text("--mailbox").empty() && arguments.text("--message").empty()))
        return complain(kWrongUse, say("--mailbox and --message need --account ADDRESS"));
    if (arguments.given("--into") && arguments.text("--mailbox").empty() && arguments.text("--message").empty())
        return complain(kWrongUse, say("--into needs --mailbox or --message"));
    return arguments.text("--to").empty() ? restore_accounts(commands, arguments) : restore_whole(arguments);
}

} // namespace

Command restore_command() {
    return {
        .name = "restore",
        .help = "Bring mail back from a backup into the running server, or make a whole server of it",
        .options = {{.kind = Option::Kind::text, .name = "DIR", .help = "The folder of backups", .required = true},
                    {.kind = Option::Kind::text,
                     .name = "--account",
                     .help = "Bring back what this account lacks",
                     .value = "ADDRESS"},
                    {.kind = Option::Kind::text, .name = "--mailbox", .help = "Only of this mailbox", .value = "NAME"},
                    {.kind = Option::Kind::text,
                     .name = "--message",
                     .help = "Only the message with this Message-ID",
                     .value = "ID"},
                    {.kind = Option::Kind::text,
                     .name = "--into",
                     .help = "Into this mailbox, made if need be, instead of the one it was in",
                     .value = "NAME"},
                    {.name = "--all-accounts", .help = "Bring back what any account lacks"},
                    {.kind = Option::Kind::text,
                     .name = "--to",
                     .help = "Make a whole server in this new folder",
                     .value = "FOLDER"},
                    {.kind = Option::Kind::text,
                     .name = "--point",
                     .help = "As of the latest backup whose name begins so, such as 2026-11-24; else the latest of all",
                     .value = "TIME"},
                    json_option()},
        .footer = "Examples:\n"
                  "  tegami restore /mnt/backup/mail --account anna@example.org --message '<42@example.net>'\n"
                  "  tegami restore /mnt/backup/mail --account anna@example.org --mailbox Work --point 2026-11-24\n"
                  "  tegami restore /mnt/backup/mail --account anna@example.org --mailbox Work --into Restored\n"
                  "  tegami restore /mnt/backup/mail --to /srv/tegami",
        .run = restore};
}

} // namespace tegami::app
