// tegami restore
#include "app/command_line/commands.h"

#include "app/command_line/restore_whole.h"
#include "app/configuration/units.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace tegami::app {

namespace json = boost::json;

namespace {

constexpr Duration kPatience = std::chrono::hours(24 * 7);

struct RestoreOptions {
    std::string folder;
    std::string point;
    std::string to;
    std::string account;
    std::string mailbox;
    std::string message;
    bool all_accounts = false;
    bool as_json = false;
};

std::string absolute(const std::string& path) {
    std::error_code error;
    std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
    if (!whole.has_filename() && whole.has_relative_path()) whole = whole.parent_path();
    return whole.string();
}

int restore_whole(const RestoreOptions& options) {
    const auto done =
        run_whole_restore({.backup = absolute(options.folder), .point = options.point, .to = absolute(options.to)});
    if (!done) return complain(kFailed, done.error());
    const json::array& damage = done->at("damage").as_array();
    const int status = damage.empty() ? kDone : kFailed;
    if (options.as_json) {
        print_json(*done);
        return status;
    }
    for (const json::value& sentence : damage)
        complain(kFailed, std::string_view(sentence.as_string()));
    for (const json::value& note : done->at("notes").as_array())
        print_line(std::string_view(note.as_string()));
    print_line(fmt::format("restored as of {}: {} accounts, {}.\n\nNext:\n  tegami {} --config {}",
                           text_of(*done, "point"), text_of(*done, "accounts"),
                           print_about(done->at("bytes").to_number<std::uint64_t>()),
                           damage.empty() ? "serve" : "repair", text_of(*done, "config")));
    return status;
}

void print_restored(const std::string& account, const json::object& done) {
    if (done.at("account_made").as_bool())
        print_line(fmt::format("account {} made again, with the password it had", account));
    for (const json::value& value : done.at("mailboxes").as_array()) {
        const json::object& mailbox = value.as_object();
        if (mailbox.at("messages").to_number<std::uint64_t>() == 0) continue;
        print_line(fmt::format("{} {}: {} of {} messages restored, {} were there", account, text_of(mailbox, "name"),
                               text_of(mailbox, "restored"), text_of(mailbox, "messages"),
                               text_of(mailbox, "already_there")));
    }
    if (done.at("restored") == 0 && done.at("failed") == 0 && !done.at("over_quota").as_bool())
        print_line(fmt::format("{}: nothing was missing", account));
    for (const json::value& problem : done.at("problems").as_array())
        complain(kFailed, fmt::format("{}: {}", account, std::string_view(problem.as_string())));
    if (done.at("over_quota").as_bool())
        complain(kFailed, fmt::format("{}: its quota is full: {} messages came back; raise the quota and do it again",
                                      account, text_of(done, "restored")));
}

/// Restores one account; whether all of it came back, or nothing if nothing did.
std::optional<bool> restore_account(Commands& commands, const RestoreOptions& options, const std::string& account,
                                    json::array& answers) {
    json::object request{{"directory", absolute(options.folder)}, {"point", options.point}, {"account", account}};
    if (!options.mailbox.empty()) request["mailbox"] = options.mailbox;
    if (!options.message.empty()) {
        std::string_view id = options.message;
        if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
        request["message"] = id;
    }
    auto done = commands.ask("/restore", std::move(request), kPatience);
    if (!done) return std::nullopt;
    const bool whole = done->at("problems").as_array().empty() && !done->at("over_quota").as_bool();
    if (!options.as_json) print_restored(account, *done);
    (*done)["account"] = account;
    answers.push_back(*std::move(done));
    return whole;
}

int restore_accounts(Commands& commands, const RestoreOptions& options) {
    std::vector<std::string> accounts{options.account};
    if (options.all_accounts) {
        accounts.clear();
        const auto all = commands.ask_all(
            "/restore/accounts", {{"directory", absolute(options.folder)}, {"point", options.point}}, "accounts");
        if (!all) return commands.status();
        for (const json::value& one : *all)
            accounts.emplace_back(one.as_string());
    }
    json::array answers;
    int status = kDone;
    for (const std::string& account : accounts) {
        const auto whole = restore_account(commands, options, account, answers);
        if (!whole && !options.all_accounts) return commands.status();
        if (!whole || !*whole) status = kFailed; // the others may come back all the same
    }
    if (options.as_json) print_json(json::object{{"accounts", std::move(answers)}});
    return status;
}

int restore(Commands& commands, const RestoreOptions& options) {
    const int ways = (options.to.empty() ? 0 : 1) + (options.account.empty() ? 0 : 1) + (options.all_accounts ? 1 : 0);
    if (ways != 1)
        return complain(kWrongUse,
                        "say what to restore: --to DIR (a whole server), --account ADDRESS or --all-accounts");
    if (options.account.empty() && !(options.mailbox.empty() && options.message.empty()))
        return complain(kWrongUse, "--mailbox and --message need --account ADDRESS");
    return options.to.empty() ? restore_accounts(commands, options) : restore_whole(options);
}

} // namespace

void add_restore_command(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<RestoreOptions>();
    CLI::App* const restoring = app.add_subcommand(
        "restore", "Bring mail back from a backup into the running server, or make a whole server of it");
    restoring->add_option("DIR", options->folder, "The folder of backups")->required();
    restoring->add_option("--account", options->account, "Bring back what this account lacks")->type_name("ADDRESS");
    restoring->add_option("--mailbox", options->mailbox, "Only of this mailbox")->type_name("NAME");
    restoring->add_option("--message", options->message, "Only the message with this Message-ID")->type_name("ID");
    restoring->add_flag("--all-accounts", options->all_accounts, "Bring back what any account lacks");
    restoring->add_option("--to", options->to, "Make a whole server in this new folder")->type_name("FOLDER");
    restoring
        ->add_option("--point", options->point,
                     "As of the latest backup whose name begins so, such as 2026-11-24; else the latest of all")
        ->type_name("TIME");
    restoring->add_flag("--json", options->as_json, "Print JSON");
    restoring->footer("Examples:\n"
                      "  tegami restore /mnt/backup/mail --account anna@example.org --message '<42@example.net>'\n"
                      "  tegami restore /mnt/backup/mail --account anna@example.org --mailbox Work --point 2026-11-24\n"
                      "  tegami restore /mnt/backup/mail --to /srv/tegami");
    restoring->callback(
        [&commands, options] { commands.action = [&commands, options] { return restore(commands, *options); }; });
}

} // namespace tegami::app
