// tegami account add|list|show|set|password|remove|import; command_settings.cpp, command_credential.cpp, command_role.cpp and
// command_undelete.cpp have the others
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "admin/admin.h"
#include "app/command_line/password_prompt.h"
#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "app/configuration/units.h"
#include "base/ascii.h"
#include "directory/foreign_hash.h"
#include "disk/files.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tegami::app {

namespace {

/// Limit: an import file; a line for each of a million accounts.
constexpr std::size_t kImportBytesMax = 128U << 20;

/// The password as the options say; if there is none, that is complained about.
std::optional<std::string> password_for(const Arguments& arguments) {
    SystemRandom random;
    const PasswordSource source = arguments.flag("--generate")         ? PasswordSource::generated
                                  : arguments.flag("--password-stdin") ? PasswordSource::standard_input
                                                                       : PasswordSource::prompt;
    auto password = new_password(source, random);
    if (!password) {
        complain(kWrongUse, password.error());
        return std::nullopt;
    }
    return *std::move(password);
}

/// Puts the password, or the hash that another server made of it, into a request. False, with a complaint, if there is
/// none. `password` is set to one that was made here.
bool add_password(const Arguments& arguments, json::object& request, std::string& made) {
    if (arguments.flag("--hash-stdin")) {
        const auto hash = given_hash();
        if (!hash) {
            complain(kWrongUse, hash.error());
            return false;
        }
        request["hash"] = *hash;
        return true;
    }
    const std::optional<std::string> password = password_for(arguments);
    if (!password) return false;
    if (arguments.flag("--generate")) made = *password;
    request["password"] = *password;
    return true;
}

/// What --quota says; a complaint if it is no size.
std::optional<std::uint64_t> quota_of(const Arguments& arguments) {
    if (const auto bytes = parse_bytes(arguments.text("--quota"))) return bytes;
    complain(kWrongUse, say("--quota: {} is not a size such as 2GiB", arguments.text("--quota")));
    return std::nullopt;
}

/// What the server says about a password that it took.
void complain_hint(const json::object& answer) {
    if (const std::string hint = text_of(answer, "hint"); !hint.empty())
        complain(kDone, from_server(spoken_language(), hint));
}

/// The answer, with a password that was made here.
int print_with_password(json::object answer, const std::string& made) {
    if (!made.empty()) answer["password"] = made;
    print_json(answer);
    return kDone;
}

int add_account(Commands& commands, const Arguments& arguments) {
    json::object request{{"address", arguments.text("ADDRESS")}};
    if (!arguments.text("--quota").empty()) {
        const auto bytes = quota_of(arguments);
        if (!bytes) return kWrongUse;
        request["quota_bytes"] = *bytes;
    }
    if (!commands.config()) return commands.status();
    std::string made;
    if (!add_password(arguments, request, made)) return kWrongUse;
    auto answer = commands.ask("/account/add", std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) return print_with_password(*std::move(answer), made);
    print_line(say("account {} added", text_of(*answer, "address")));
    complain_hint(*answer);
    if (!made.empty()) print_line(say("password: {}", made));
    return kDone;
}

int list_removed(Commands& commands, const Arguments& arguments) {
    const auto accounts = commands.ask_all("/account/removed", {}, "accounts");
    if (!accounts) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"accounts", *accounts}});
        return kDone;
    }
    if (accounts->empty()) print_line(say("No removed account can be brought back."));
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *accounts) {
        const json::object& account = value.as_object();
        rows.push_back({text_of(account, "address"), say("removed {}", text_of(account, "removed")),
                        say("kept until {}", text_of(account, "kept_until"))});
    }
    print_table(rows);
    return kDone;
}

/// What is unusual about an account.
std::string remarks_about(const json::object& account) {
    std::string remarks = account.at("enabled").as_bool() ? std::string() : say("disabled");
    if (const std::string scheme = text_of(account, "foreign_hash"); !scheme.empty())
        remarks += (remarks.empty() ? "" : ", ") + say("password still as {}", scheme);
    if (const std::string role = text_of(account, "role"); role != "user")
        remarks += (remarks.empty() ? "" : ", ") + role;
    return remarks;
}

int list_accounts(Commands& commands, const Arguments& arguments) {
    if (arguments.flag("--removed")) return list_removed(commands, arguments);
    json::object request;
    if (!arguments.text("--domain").empty()) request["domain"] = arguments.text("--domain");
    const auto accounts = commands.ask_all("/account/list", std::move(request), "accounts");
    if (!accounts) return commands.status();
    if (arguments.flag("--json")) {
        print_json(json::object{{"accounts", *accounts}});
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const json::value& value : *accounts) {
        const json::object& account = value.as_object();
        const auto quota = account.at("quota_bytes").to_number<std::uint64_t>();
        rows.push_back({text_of(account, "address"), quota == 0 ? say("no quota") : say("quota {}", print_bytes(quota)),
                        say("since {}", text_of(account, "created")), remarks_about(account)});
    }
    print_table(rows);
    return kDone;
}

void print_account_state(const json::object& account) {
    const auto quota = account.at("quota_bytes").to_number<std::uint64_t>();
    const auto used = account.at("used_bytes").to_number<std::uint64_t>();
    const std::string about = print_about(used);
    const std::string messages = count_of(count_in(account, "messages"), "message");
    const std::string usage =
        quota == 0 ? say("{} in {}", about, messages)
                   : say("{} in {}, {}% of the quota", about, messages,
                         static_cast<std::uint64_t>(100.0 * static_cast<double>(used) / static_cast<double>(quota)));
    std::vector<std::vector<std::string>> rows{
        {say("account"), text_of(account, "address")},
        {say("state"), account.at("enabled").as_bool() ? say("enabled") : say("disabled: gets mail, cannot log in")},
        {say("quota"), quota == 0 ? say("none") : print_bytes(quota)},
        {say("holds"), usage},
        {say("since"), text_of(account, "created")}};
    if (const std::string role = text_of(account, "role"); role != "user") rows.push_back({say("role"), role});
    if (const std::string scheme = text_of(account, "foreign_hash"); !scheme.empty())
        rows.push_back(
            {say("password"),
             say("still as another server hashed it ({}); renewed by the next login that shows it (not SCRAM)",
                 scheme)});
    print_table(rows);
}

int show_account(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/account/show", {{"address", arguments.text("ADDRESS")}});
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_account_state(*answer);
    return kDone;
}

int set_account(Commands& commands, const Arguments& arguments) {
    json::object request{{"address", arguments.text("ADDRESS")}};
    if (arguments.flag("--no-quota")) request["quota_bytes"] = 0;
    if (arguments.given("--quota")) {
        const auto bytes = quota_of(arguments);
        if (!bytes) return kWrongUse;
        request["quota_bytes"] = *bytes;
    }
    if (arguments.flag("--enable")) request["enabled"] = true;
    if (arguments.flag("--disable")) request["enabled"] = false;
    if (request.size() == 1)
        return complain(kWrongUse, say("say what to change: --quota, --no-quota, --enable or --disable"));
    const auto answer = commands.ask("/account/set", std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_account_state(*answer);
    return kDone;
}

int change_password(Commands& commands, const Arguments& arguments) {
    if (!commands.config()) return commands.status();
    json::object request{{"address", arguments.text("ADDRESS")}};
    std::string made;
    if (!add_password(arguments, request, made)) return kWrongUse;
    auto answer = commands.ask("/account/password", std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) return print_with_password(*std::move(answer), made);
    print_line(say("password of {} changed", arguments.text("ADDRESS")));
    complain_hint(*answer);
    if (!made.empty()) print_line(say("password: {}", made));
    return kDone;
}

int remove_account(Commands& commands, const Arguments& arguments) {
    const auto answer =
        commands.ask("/account/remove", {{"address", arguments.text("ADDRESS")}, {"now", arguments.flag("--now")}});
    if (!answer) return commands.status();
    if (print_as_json(arguments, *answer)) return kDone;
    const std::uint32_t days = commands.config()->retention.expunged_days;
    if (arguments.flag("--now") || days == 0)
        print_line(say("account {} erased with all its mail", arguments.text("ADDRESS")));
    else
        print_line(say("account {0} removed; tegami account undelete {0} brings it back within {1}",
                       arguments.text("ADDRESS"), count_of(days, "day")));
    complain_sources(*answer, arguments.text("ADDRESS"));
    return kDone;
}

/// One line of an import file that holds an account.
struct ImportLine {
    std::size_t number = 0;
    std::string address{};
    std::string secret{}; ///< a password, or a hash that another server made of it; empty if the line has none
    bool is_hash = false;
    std::string fault{}; ///< why it cannot be sent to the server
};

/// `user@example.org:{SCHEME}hash:…` as Dovecot's passwd-file and shadow(5) have it. Passwords in clear have no colon
/// after a name there: they are {PLAIN}.
ImportLine passwd_line(std::string_view line) {
    const std::vector<std::string_view> fields = ascii::split(line, ':');
    ImportLine read{.address = std::string(fields[0]), .secret = std::string(fields[1]), .is_hash = true};
    if (fields[1].empty() || fields[1] == "x" || fields[1].find_first_of("!*") == 0)
        read.fault = say("there is no password that could be taken over");
    else if (!directory::is_foreign_hash(fields[1]))
        read.fault = say("this is no hash of a password, such as {{SSHA}}... or $6$...");
    return read;
}

ImportLine spaced_line(std::string_view line) {
    const auto gap = line.find_first_of(" \t");
    ImportLine read{.address = std::string(line.substr(0, gap))};
    if (gap != std::string_view::npos) read.secret = ascii::trim(line.substr(gap));
    read.is_hash = directory::is_foreign_hash(read.secret);
    return read;
}

/// `domain` is of names that have none.
std::vector<ImportLine> import_lines(std::string_view text, std::string_view domain) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::vector<ImportLine> lines;
    std::size_t number = 0;
    for (std::string_view line : ascii::split(text, '\n')) {
        ++number;
        line = ascii::trim(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto end = line.find_first_of(": \t");
        const bool with_colon = end != std::string_view::npos && line[end] == ':' && !line.starts_with('"');
        ImportLine& read = lines.emplace_back(with_colon ? passwd_line(line) : spaced_line(line));
        read.number = number;
        if (!domain.empty() && !read.address.contains('@')) read.address += fmt::format("@{}", domain);
    }
    return lines;
}

/// Why a text that is no UTF-8 is none.
std::string words_about_octets(const std::string& file, std::string_view text) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return say("{}: this is no UTF-8, but UTF-16: save it as UTF-8", file);
    std::size_t number = 1;
    for (const std::string_view line : ascii::split(text, '\n')) {
        if (!message::is_utf8(line)) break;
        ++number;
    }
    return say("{}: this is no UTF-8: see line {}", file, number);
}

int import(Commands& commands, const Arguments& arguments) {
    const bool from_stdin = arguments.text("FILE") == "-";
    const auto text = from_stdin ? disk::read_all(STDIN_FILENO, kImportBytesMax)
                                 : disk::read_file(arguments.text("FILE"), kImportBytesMax);
    if (!text) return complain(kFailed, fmt::format("{}: {}", arguments.text("FILE"), text.error()));
    if (!message::is_utf8(*text)) return complain(kFailed, words_about_octets(arguments.text("FILE"), *text));
    std::vector<ImportLine> lines = import_lines(*text, arguments.text("--domain"));
    const std::size_t count = lines.size();
    json::array remarks;
    const auto report = [&](const ImportLine& line, std::string_view reason) {
        remarks.push_back(json::object{{"line", line.number}, {"address", line.address}, {"words", reason}});
        const bool named = reason.contains(line.address);
        complain(kFailed, fmt::format("{}:{}: {}{}{}", arguments.text("FILE"), line.number, named ? "" : line.address,
                                      named ? "" : ": ", reason));
    };
    for (const ImportLine& line : lines)
        if (!line.fault.empty()) report(line, line.fault);
    std::erase_if(lines, [](const ImportLine& line) { return !line.fault.empty(); });
    std::size_t added = 0;
    std::size_t with_hash = 0;
    for (std::size_t begin = 0; begin < lines.size(); begin += admin::kImportEntriesMax) {
        const std::size_t end = std::min(lines.size(), begin + admin::kImportEntriesMax);
        json::array entries;
        for (std::size_t at = begin; at < end; ++at)
            entries.push_back(json::object{{"address", lines[at].address},
                                           {lines[at].is_hash ? "hash" : "password", lines[at].secret}});
        const auto answer = commands.ask("/account/import", {{"entries", std::move(entries)}});
        if (!answer) return commands.status();
        const json::array& results = answer->at("results").as_array();
        for (std::size_t at = begin; at < end; ++at) {
            const json::value& result = results.at(at - begin);
            if (const json::value& hint = answer->at("hints").at(at - begin); hint.is_string())
                report(lines[at], from_server(spoken_language(), std::string_view(hint.as_string())));
            if (!result.is_null()) {
                report(lines[at], from_server(spoken_language(), std::string_view(result.as_string())));
                continue;
            }
            ++added;
            if (lines[at].is_hash && !directory::clear_password(lines[at].secret)) ++with_hash;
        }
    }
    if (arguments.flag("--json")) {
        print_json(json::object{
            {"accounts", count}, {"added", added}, {"with_hash", with_hash}, {"remarks", std::move(remarks)}});
        return added == count ? kDone : kFailed;
    }
    print_line(say("{} of {} added", added, count_of(count, "account")));
    if (with_hash != 0)
        print_line(
            say("{} with the hash of another server, renewed when somebody logs in with the password", with_hash));
    return added == count ? kDone : kFailed;
}

} // namespace

Command account_command() {
    const Option account{.kind = Option::Kind::text,
                         .name = "ADDRESS",
                         .help = "The account",
                         .required = true,
                         .names = Option::Names::accounts};
    const Option domain{.kind = Option::Kind::text,
                        .name = "--domain",
                        .help = "Of this domain only",
                        .value = "DOMAIN",
                        .names = Option::Names::domains};
    const Option from_stdin{.name = "--password-stdin",
                            .help = "Read the password from the first line of standard input"};
    const Option generate{
        .name = "--generate", .help = "Make a password and print it", .excludes = {"--password-stdin"}};
    const Option hash{.name = "--hash-stdin",
                      .help = "Read a hash that another server made of the password, such as {SSHA}... or $6$...",
                      .excludes = {"--password-stdin", "--generate"}};
    return {
        .name = "account",
        .help = "Those who have mail here",
        .footer = "Examples:\n  tegami account add anna@example.org\n  tegami account list --json\n"
                  "  tegami account undelete anna@example.org --list",
        .subcommands = {
            {.name = "add",
             .help = "Add an account; asks for its password",
             .options =
                 {{.kind = Option::Kind::text, .name = "ADDRESS", .help = "Such as anna@example.org", .required = true},
                  from_stdin,
                  generate,
                  hash,
                  {.kind = Option::Kind::text,
                   .name = "--quota",
                   .help = "How much mail it may keep, such as 2GiB",
                   .value = "SIZE"},
                  json_option()},
             .footer = "Examples:\n  tegami account add anna@example.org\n"
                       "  tegami account add anna@example.org --generate --quota 2GiB\n"
                       "  tegami account add anna@example.org --password-stdin <password.txt",
             .run = add_account},
            {.name = "list",
             .help = "List the accounts",
             .options = {domain,
                         {.name = "--removed",
                          .help = "Those that were removed and can be brought back",
                          .excludes = {"--domain"}},
                         json_option()},
             .footer = "Examples:\n  tegami account list --domain example.org\n  tegami account list --removed",
             .run = list_accounts},
            {.name = "show",
             .help = "Show an account: its state, its quota and how much it holds",
             .options = {account, json_option()},
             .footer = "Example:\n  tegami account show anna@example.org",
             .run = show_account},
            {.name = "set",
             .help = "Change the quota of an account, or switch it off or on; what is not named stays",
             .options = {account,
                         {.kind = Option::Kind::text,
                          .name = "--quota",
                          .help = "How much mail it may keep, such as 2GiB",
                          .value = "SIZE"},
                         {.name = "--no-quota", .help = "Any amount of mail", .excludes = {"--quota"}},
                         {.name = "--disable", .help = "Nobody can log in to it; mail still arrives"},
                         {.name = "--enable", .help = "Logins work again", .excludes = {"--disable"}},
                         json_option()},
             .footer = "Examples:\n  tegami account set anna@example.org --quota 5GiB\n"
                       "  tegami account set anna@example.org --disable",
             .run = set_account},
            {.name = "password",
             .help = "Give an account a new password; asks for it",
             .options = {account, from_stdin, generate, hash, json_option()},
             .footer = "Example:\n  tegami account password anna@example.org",
             .run = change_password},
            {.name = "remove",
             .help = "Remove an account; it can be brought back for a while",
             .options = {account,
                         {.name = "--now", .help = "Erase all its mail at once, also of one that is removed already"},
                         json_option()},
             .footer = "The mail is erased after retention.expunged_days.\n"
                       "Examples:\n  tegami account remove anna@example.org\n"
                       "  tegami account remove anna@example.org --now",
             .run = remove_account},
            role_command(),
            settings_command(),
            app_password_command(),
            second_factor_command(),
            undelete_command(),
            {.name = "import",
             .help = "Add many accounts from a file with one `address password` or `address:{SCHEME}hash:...` a line",
             .options = {{.kind = Option::Kind::text,
                          .name = "FILE",
                          .help = "The file; - is standard input",
                          .required = true},
                         {.kind = Option::Kind::text,
                          .name = "--domain",
                          .help = "Of names that have none, as in /etc/shadow",
                          .value = "DOMAIN",
                          .names = Option::Names::domains},
                         json_option()},
             .footer = "Lines that are empty or begin with # are skipped. Every other line is added or reported.\n"
                       "Examples:\n  tegami account import accounts.txt\n"
                       "  tegami account import /etc/dovecot/users --domain example.org",
             .run = import},
        }};
}

} // namespace tegami::app
