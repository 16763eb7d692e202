// tegami account settings
#include "app/command_line/command.h"
#include "app/command_line/commands.h"
#include "app/command_line/language.h"
#include "app/command_line/qr_code.h"
#include "discovery/settings_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

namespace settings = discovery::settings;

constexpr Words kTitle{"Settings for mail programs of", "メールソフトの設定"};
constexpr Words kPort{"port", "ポート"};
constexpr Words kFound{
    "Most mail programs find this by the address alone; whether they can: tegami dns check",
    "多くのメールソフトは、メールアドレスだけでこの設定を見つけます。確認するには: tegami dns check"};
constexpr Words kNotFound{
    "Nothing serves this to mail programs: add a section [listen.https] to tegami.toml.",
    "メールソフトはこの設定を自動では見つけられません。tegami.toml に [listen.https] を加えてください。"};
constexpr Words kPage{
    "The same as a page, with a profile for iPhone, iPad and Mac: open this, or point a camera at it:",
    "同じ内容のページ（iPhone、iPad、Mac 用のプロファイルもあります）。開くか、カメラで読み取ってください:"};

/// What an entry of `servers` is called in a mail program, over its protocol.
std::string group_of(const json::object& server, Language language) {
    const std::string protocol = text_of(server, "protocol");
    if (protocol == "submission") return fmt::format("{} (SMTP)", settings::kOutgoing.in(language));
    return fmt::format("{} ({})", settings::kIncoming.in(language), protocol == "imap" ? "IMAP" : "POP3");
}

void print_servers(const json::object& answer, Language language) {
    std::vector<std::vector<std::string>> rows{
        {std::string(settings::kUserName.in(language)), text_of(answer, "user_name")},
        {std::string(settings::kPassword.in(language)), std::string(settings::kWhichPassword.in(language))}};
    std::string group;
    for (const json::value& value : answer.at("servers").as_array()) {
        const json::object& server = value.as_object();
        const bool is_first = group_of(server, language) != group;
        group = group_of(server, language);
        rows.push_back({is_first ? group : fmt::format("  {}", settings::kOr.in(language)), text_of(server, "host"),
                        fmt::format("{} {}", kPort.in(language), server.at("port").to_number<std::uint16_t>()),
                        text_of(server, "security") == "tls" ? "SSL/TLS" : "STARTTLS"});
    }
    print_table(rows);
}

void print_settings(const json::object& answer, Language language) {
    const std::string address = text_of(answer, "address");
    if (answer.at("servers").as_array().empty()) {
        print_line(settings::kNone.in(language));
        return;
    }
    print_line(fmt::format("{} {}", kTitle.in(language), address));
    print_gap();
    print_servers(answer, language);
    print_gap();
    const std::string page = text_of(answer, "page");
    if (page.empty()) {
        print_line(kNotFound.in(language));
        return;
    }
    print_line(fmt::format("{} {}", kFound.in(language), address.substr(address.rfind('@') + 1)));
    print_line(kPage.in(language));
    print_line(page);
    print_gap();
    for (const std::string& line : qr_lines(page))
        print_line(line);
}

int show_settings(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/account/settings", {{"address", arguments.text("ADDRESS")}});
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_settings(*answer, language_of(arguments));
    return kDone;
}

} // namespace

Command settings_command() {
    return {.name = "settings",
            .help = "Show what to type in a mail program, and a code for phones",
            .options = {{.kind = Option::Kind::text,
                         .name = "ADDRESS",
                         .help = "The account",
                         .required = true,
                         .names = Option::Names::accounts},
                        language_option(),
                        json_option()},
            .footer = "Example:\n  tegami account settings anna@example.org",
            .run = show_settings};
}

} // namespace tegami::app
