// tegami import
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/imap_source.h"
#include "app/command_line/import_run.h"
#include "app/command_line/password_prompt.h"
#include "app/command_line/phrase.h"
#include "app/server/resolver_settings.h"
#include "base/ascii.h"
#include "disk/files.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

namespace tegami::app {

namespace {

/// Limit: a file of accounts; a line for each of a million.
constexpr std::size_t kAccountsFileBytesMax = std::size_t{256} << 20;
constexpr std::size_t kPasswordFileBytesMax = 64 * 1024;
constexpr std::uint16_t kImapPort = 143;
constexpr std::uint16_t kImapsPort = 993;
constexpr const char* kPasswordVariable = "TEGAMI_IMAP_PASSWORD";

/// An account of ours, and who that is on the other server.
struct Move {
    std::string account;
    ImapLogin login;
};

/// `HOST`, `HOST:PORT`, `[2001:db8::1]:PORT`.
Result<ImapServer, std::string> parse_server(std::string_view text, bool starttls) {
    ImapServer server;
    server.starttls = starttls;
    server.port = starttls ? kImapPort : kImapsPort;
    std::string_view host = text;
    const std::size_t colon = text.rfind(':');
    const bool is_bare_address = !text.starts_with('[') && text.find(':') != colon;
    if (colon != std::string_view::npos && !is_bare_address && !text.ends_with(']')) {
        const auto port = ascii::parse_number<std::uint16_t>(text.substr(colon + 1));
        if (!port || *port == 0) return failure(say("--imap: {} is not HOST or HOST:PORT", text));
        server.port = *port;
        host = text.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return failure(say("--imap: {} is not HOST or HOST:PORT", text));
    server.host = host;
    server.starttls = starttls || server.port == kImapPort;
    return server;
}

/// The first line of a file that others may not read.
Result<std::string, std::string> password_in(const std::string& file) {
    const auto text = disk::read_secret_file(file, kPasswordFileBytesMax);
    if (!text) return failure(fmt::format("{}: {}", file, text.error()));
    return text->substr(0, text->find_first_of("\r\n"));
}

/// The password that the options, the environment or the terminal give.
Result<std::string, std::string> one_password(const Arguments& arguments, std::string_view whose) {
    if (arguments.given("--password-file")) return password_in(arguments.text("--password-file"));
    if (const char* const value = std::getenv(kPasswordVariable)) return std::string(value);
    return typed_password(say("Password of {} on the other server: ", whose));
}

/// The words of a line; the last one may have spaces.
std::vector<std::string> words_of_line(std::string_view line, std::size_t words_max) {
    std::vector<std::string> words;
    for (line = ascii::trim(line); !line.empty(); line = ascii::trim(line)) {
        const std::size_t gap = words.size() + 1 == words_max ? std::string_view::npos : line.find_first_of(" \t");
        words.emplace_back(line.substr(0, gap));
        line.remove_prefix(std::min(gap, line.size()));
    }
    return words;
}

/// `OURS THEIRS [PASSWORD | file:PATH]` on each line.
Result<std::vector<Move>, std::string> moves_in_file(const Arguments& arguments) {
    const std::string& file = arguments.text("--accounts");
    const auto text = disk::read_secret_file(file, kAccountsFileBytesMax);
    if (!text) return failure(fmt::format("{}: {}", file, text.error()));
    std::string_view rest = *text;
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    std::vector<Move> moves;
    std::optional<std::string> common;
    std::size_t number = 0;
    for (const std::string_view line : ascii::split(rest, '\n')) {
        ++number;
        const std::vector<std::string> words = words_of_line(line, 3);
        if (words.empty() || words.front().starts_with('#')) continue;
        if (words.size() == 1)
            return failure(say("{}:{}: a line has our account, the name there, and a password", file, number));
        Move move{.account = words[0], .login = {.user = words[1], .password = {}, .admin = arguments.text("--admin")}};
        if (words.size() == 3 && words[2].starts_with("file:")) {
            TRY(move.login.password, password_in(words[2].substr(5)));
        } else if (words.size() == 3) {
            move.login.password = words[2];
        } else {
            if (!common) {
                TRY(common, one_password(arguments, move.login.admin.empty() ? "all" : move.login.admin));
            }
            move.login.password = *common;
        }
        moves.push_back(std::move(move));
    }
    return moves;
}

Result<std::vector<Move>, std::string> moves_of(const Arguments& arguments) {
    if (arguments.given("--accounts")) return moves_in_file(arguments);
    const std::string& account = arguments.text("ACCOUNT");
    Move move{.account = account,
              .login = {.user = arguments.given("--user") ? arguments.text("--user") : account,
                        .password = {},
                        .admin = arguments.text("--admin")}};
    TRY(move.login.password, one_password(arguments, move.login.admin.empty() ? move.login.user : move.login.admin));
    return std::vector{std::move(move)};
}

/// The exit status.
int import_from_imap(ImportDesk& desk, const ImapServer& server, const Move& move) {
    const auto source = find_imap_mail(server, move.login);
    if (source) return import_into(desk, move.account, **source);
    desk.complain_of({{"event", "stopped"}, {"reason", message::repair_utf8(source.error())}}, source.error(),
                     move.account);
    return kFailed;
}

/// The worst exit status of all.
int import_all(ImportDesk& desk, const ImapServer& server, const std::vector<Move>& moves, std::size_t at_once) {
    std::atomic<std::size_t> next = 0;
    std::atomic<int> worst = kDone;
    const auto work = [&] {
        for (std::size_t at = next++; at < moves.size(); at = next++)
            if (const int status = import_from_imap(desk, server, moves[at]); status != kDone) worst = status;
    };
    std::vector<std::jthread> others;
    for (std::size_t count = 1; count < std::min(at_once, moves.size()); ++count)
        others.emplace_back(work);
    work();
    others.clear();
    return worst;
}

int import_imap(Commands& commands, const Arguments& arguments) {
    if (arguments.given("SOURCE"))
        return complain(kWrongUse, say("either SOURCE or --imap says where the mail is, not both"));
    if (arguments.given("ACCOUNT") == arguments.given("--accounts"))
        return complain(kWrongUse, say("either ACCOUNT or --accounts says whose mail it is"));
    if (arguments.given("--accounts") && arguments.given("--user"))
        return complain(kWrongUse, say("--user is of one account: the lines of --accounts have names of their own"));
    auto server = parse_server(arguments.text("--imap"), arguments.flag("--starttls"));
    if (!server) return complain(kWrongUse, server.error());
    const Config* const config = commands.config();
    if (!config) return commands.status();
    server->resolver = resolver_settings(config->resolver);
    auto tls = net::TlsClientContext::create(
        {.verification = net::TlsVerification::required, .ca_path = arguments.text("--ca")});
    if (!tls) return complain(kFailed, tls.error());
    server->tls = *std::move(tls);
    const auto moves = moves_of(arguments);
    if (!moves) return complain(kFailed, moves.error());
    ImportDesk desk(commands, arguments.flag("--json"), arguments.given("--accounts"));
    return import_all(desk, *server, *moves, arguments.given("--parallel") ? arguments.number("--parallel") : 4);
}

int import_mail(Commands& commands, const Arguments& arguments) {
    if (arguments.given("--imap")) return import_imap(commands, arguments);
    for (const std::string_view option :
         {"--user", "--password-file", "--admin", "--accounts", "--starttls", "--ca", "--parallel"})
        if (arguments.given(option)) return complain(kWrongUse, say("{} is of no use without --imap", option));
    if (!arguments.given("ACCOUNT") || !arguments.given("SOURCE"))
        return complain(kWrongUse, say("import needs an ACCOUNT and a SOURCE, or --imap (see tegami import --help)"));
    auto source = find_mail(absolute_path(arguments.text("SOURCE")), arguments.text("--mailbox"));
    if (!source) return complain(kFailed, source.error());
    ImportDesk desk(commands, arguments.flag("--json"), false);
    return import_into(desk, arguments.text("ACCOUNT"), **source);
}

std::vector<Option> import_options() {
    return {
        {.kind = Option::Kind::text,
         .name = "ACCOUNT",
         .help = "The account's address",
         .names = Option::Names::accounts},
        {.kind = Option::Kind::text, .name = "SOURCE", .help = "The folder or file"},
        {.kind = Option::Kind::text,
         .name = "--mailbox",
         .help = "Where messages go that have no folder of their own",
         .value = "NAME",
         .otherwise = "INBOX"},
        {.kind = Option::Kind::text,
         .name = "--imap",
         .help = "Take the mail of an account on another IMAP server instead (port 993, TLS)",
         .value = "HOST[:PORT]"},
        {.name = "--starttls", .help = "Begin in the clear and go on with TLS, as on port 143"},
        {.kind = Option::Kind::text,
         .name = "--ca",
         .help = "Trust the certificates in this file (PEM) instead of the system's",
         .value = "FILE"},
        {.kind = Option::Kind::text, .name = "--user", .help = "Its name there, if it is not ACCOUNT", .value = "NAME"},
        {.kind = Option::Kind::text,
         .name = "--admin",
         .help = "Log in as this administrator of the other server for the account",
         .value = "NAME"},
        {.kind = Option::Kind::text,
         .name = "--password-file",
         .help = "The password is its first line; else in TEGAMI_IMAP_PASSWORD, or asked for",
         .value = "FILE"},
        {.kind = Option::Kind::text,
         .name = "--accounts",
         .help = "Many at once: on each line our account, the name there, and its password or file:PATH",
         .value = "FILE"},
        {.kind = Option::Kind::number,
         .name = "--parallel",
         .help = "How many accounts at a time (4)",
         .value = "N",
         .least = 1,
         .most = 32},
        {.name = "--json", .help = "Print one line of JSON for each event"},
    };
}

} // namespace

Command import_command() {
    return {
        .name = "import",
        .help = "Bring mail of another program into an account: a Maildir, mbox or EML files, or another IMAP server",
        .options = import_options(),
        .footer =
            "Folders, flags, keywords, dates and subscriptions come along. What the mailbox has already, by size\n"
            "and Message-ID, is not added again: the same command goes on after an interruption. The files are read\n"
            "with your rights and are not changed, nor is anything on the other server.\n"
            "Examples:\n  tegami import anna@example.org /var/vmail/example.org/anna/Maildir\n"
            "  tegami import anna@example.org old.mbox --mailbox Archive/2019\n"
            "  tegami import anna@example.org --imap mail.old.example --user anna\n"
            "  tegami import --imap mail.old.example --accounts accounts.txt --parallel 8",
        .run = import_mail};
}

} // namespace tegami::app
