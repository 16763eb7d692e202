// tegami account add|list|password|remove|import; command_undelete.cpp has undelete
#include "app/command_line/commands.h"

#include "admin/admin.h"
#include "app/command_line/password_prompt.h"
#include "app/configuration/units.h"
#include "base/ascii.h"
#include "disk/files.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <unistd.h>

namespace tegami::app {

namespace json = boost::json;

namespace {

/// Limit: an import file; a line for each of a million accounts.
constexpr std::size_t kImportBytesMax = 128U << 20;

struct AccountOptions {
    std::string address;
    std::string quota;
    std::string domain;
    std::string file;
    bool password_stdin = false;
    bool generate = false;
    bool as_json = false;
    bool removed = false;
    bool now = false;
};

/// The password as the options say; if there is none, that is complained about.
std::optional<std::string> password_for(const AccountOptions& options) {
    SystemRandom random;
    const PasswordSource source = options.generate         ? PasswordSource::generated
                                  : options.password_stdin ? PasswordSource::standard_input
                                                           : PasswordSource::prompt;
    auto password = new_password(source, random);
    if (!password) {
        complain(kWrongUse, password.error());
        return std::nullopt;
    }
    return *std::move(password);
}

int add(Commands& commands, const AccountOptions& options) {
    json::object request{{"address", options.address}};
    if (!options.quota.empty()) {
        const auto bytes = parse_bytes(options.quota);
        if (!bytes) return complain(kWrongUse, fmt::format("--quota: {} is not a size such as 2GiB", options.quota));
        request["quota_bytes"] = *bytes;
    }
    if (!commands.config()) return commands.status();
    const std::optional<std::string> password = password_for(options);
    if (!password) return kWrongUse;
    request["password"] = *password;
    const auto answer = commands.ask("/account/add", std::move(request));
    if (!answer) return commands.status();
    print_line(fmt::format("account {} added", text_of(*answer, "address")));
    if (options.generate) print_line(fmt::format("password: {}", *password));
    return kDone;
}

int list_removed(Commands& commands, const AccountOptions& options) {
    const auto accounts = commands.ask_all("/account/removed", {}, "accounts");
    if (!accounts) return commands.status();
    if (options.as_json) {
        print_json(json::object{{"accounts", *accounts}});
        return kDone;
    }
    if (accounts->empty()) print_line("No removed account can be brought back.");
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *accounts) {
        const json::object& account = value.as_object();
        rows.push_back({text_of(account, "address"), "removed " + text_of(account, "removed"),
                        "kept until " + text_of(account, "kept_until")});
    }
    print_table(rows);
    return kDone;
}

int list(Commands& commands, const AccountOptions& options) {
    if (options.removed) return list_removed(commands, options);
    json::object request;
    if (!options.domain.empty()) request["domain"] = options.domain;
    const auto accounts = commands.ask_all("/account/list", std::move(request), "accounts");
    if (!accounts) return commands.status();
    if (options.as_json) {
        print_json(json::object{{"accounts", *accounts}});
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *accounts) {
        const json::object& account = value.as_object();
        const auto quota = account.at("quota_bytes").to_number<std::uint64_t>();
        rows.push_back({text_of(account, "address"), quota == 0 ? "no quota" : "quota " + print_bytes(quota),
                        "since " + text_of(account, "created"), account.at("enabled").as_bool() ? "" : "disabled"});
    }
    print_table(rows);
    return kDone;
}

int change_password(Commands& commands, const AccountOptions& options) {
    if (!commands.config()) return commands.status();
    const std::optional<std::string> password = password_for(options);
    if (!password) return kWrongUse;
    if (!commands.ask("/account/password", {{"address", options.address}, {"password", *password}}))
        return commands.status();
    print_line(fmt::format("password of {} changed", options.address));
    if (options.generate) print_line(fmt::format("password: {}", *password));
    return kDone;
}

int remove(Commands& commands, const AccountOptions& options) {
    if (!commands.ask("/account/remove", {{"address", options.address}, {"now", options.now}}))
        return commands.status();
    const std::uint32_t days = commands.config()->retention.expunged_days;
    if (options.now || days == 0)
        print_line(fmt::format("account {} erased with all its mail", options.address));
    else
        print_line(fmt::format("account {0} removed; tegami account undelete {0} brings it back within {1} {2}",
                               options.address, days, days == 1 ? "day" : "days"));
    return kDone;
}

/// One line of an import file that holds an account.
struct ImportLine {
    std::size_t number;
    std::string address;
    std::string password; ///< empty if the line has none
};

std::vector<ImportLine> import_lines(std::string_view text) {
    std::vector<ImportLine> lines;
    std::size_t number = 0;
    for (std::string_view line : ascii::split(text, '\n')) {
        ++number;
        line = ascii::trim(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto gap = line.find_first_of(" \t");
        lines.push_back(
            {.number = number,
             .address = std::string(line.substr(0, gap)),
             .password = gap == std::string_view::npos ? std::string() : std::string(ascii::trim(line.substr(gap)))});
    }
    return lines;
}

int import(Commands& commands, const AccountOptions& options) {
    const bool from_stdin = options.file == "-";
    const auto text =
        from_stdin ? disk::read_all(STDIN_FILENO, kImportBytesMax) : disk::read_file(options.file, kImportBytesMax);
    if (!text) return complain(kFailed, fmt::format("{}: {}", options.file, text.error()));
    const std::vector<ImportLine> lines = import_lines(*text);
    std::size_t added = 0;
    for (std::size_t begin = 0; begin < lines.size(); begin += admin::kImportEntriesMax) {
        const std::size_t end = std::min(lines.size(), begin + admin::kImportEntriesMax);
        json::array entries;
        for (std::size_t at = begin; at < end; ++at)
            entries.push_back(json::object{{"address", lines[at].address}, {"password", lines[at].password}});
        const auto answer = commands.ask("/account/import", {{"entries", std::move(entries)}});
        if (!answer) return commands.status();
        const json::array& results = answer->at("results").as_array();
        for (std::size_t at = begin; at < end; ++at) {
            const json::value& result = results.at(at - begin);
            if (result.is_null())
                ++added;
            else
                complain(kFailed, fmt::format("{}:{}: {}: {}", options.file, lines[at].number, lines[at].address,
                                              std::string_view(result.as_string())));
        }
    }
    print_line(fmt::format("{} of {} accounts added", added, lines.size()));
    return added == lines.size() ? kDone : kFailed;
}

void add_password_options(CLI::App* command, const std::shared_ptr<AccountOptions>& options) {
    CLI::Option* const from_stdin = command->add_flag("--password-stdin", options->password_stdin,
                                                      "Read the password from the first line of standard input");
    command->add_flag("--generate", options->generate, "Make a password and print it")->excludes(from_stdin);
}

} // namespace

void add_account_commands(CLI::App& app, Commands& commands) {
    auto options = std::make_shared<AccountOptions>();
    const auto does = [&commands, options](CLI::App* command, int (*what)(Commands&, const AccountOptions&)) {
        command->callback([&commands, options, what] {
            commands.action = [&commands, options, what] { return what(commands, *options); };
        });
    };
    CLI::App* const family = app.add_subcommand("account", "Those who have mail here");
    family->require_subcommand(1);
    family->footer("Examples:\n  tegami account add anna@example.org\n  tegami account list --json\n"
                   "  tegami account undelete anna@example.org --list");

    CLI::App* const adding = family->add_subcommand("add", "Add an account; asks for its password");
    adding->add_option("ADDRESS", options->address, "Such as anna@example.org")->required();
    add_password_options(adding, options);
    adding->add_option("--quota", options->quota, "How much mail it may keep, such as 2GiB")->type_name("SIZE");
    adding->footer("Examples:\n  tegami account add anna@example.org\n"
                   "  tegami account add anna@example.org --generate --quota 2GiB\n"
                   "  tegami account add anna@example.org --password-stdin <password.txt");
    does(adding, add);

    CLI::App* const listing = family->add_subcommand("list", "List the accounts");
    CLI::Option* const of_domain =
        listing->add_option("--domain", options->domain, "Of this domain only")->type_name("DOMAIN");
    listing->add_flag("--removed", options->removed, "Those that were removed and can be brought back")
        ->excludes(of_domain);
    listing->add_flag("--json", options->as_json, "Print JSON");
    listing->footer("Examples:\n  tegami account list --domain example.org\n  tegami account list --removed");
    does(listing, list);

    CLI::App* const changing = family->add_subcommand("password", "Give an account a new password; asks for it");
    changing->add_option("ADDRESS", options->address, "The account")->required();
    add_password_options(changing, options);
    changing->footer("Example:\n  tegami account password anna@example.org");
    does(changing, change_password);

    CLI::App* const removing =
        family->add_subcommand("remove", "Remove an account; it can be brought back for a while");
    removing->add_option("ADDRESS", options->address, "The account")->required();
    removing->add_flag("--now", options->now, "Erase all its mail at once, also of one that is removed already");
    removing->footer("The mail is erased after retention.expunged_days.\n"
                     "Examples:\n  tegami account remove anna@example.org\n"
                     "  tegami account remove anna@example.org --now");
    does(removing, remove);

    add_undelete_command(*family, commands);

    CLI::App* const importing =
        family->add_subcommand("import", "Add many accounts from a file with one `address password` a line");
    importing->add_option("FILE", options->file, "The file; - is standard input")->required();
    importing->footer("Lines that are empty or begin with # are skipped. Every other line is added or reported.\n"
                      "Example:\n  tegami account import accounts.txt");
    does(importing, import);
}

} // namespace tegami::app
