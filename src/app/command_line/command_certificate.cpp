// tegami certificate status|renew
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

/// An authority is waited for so long; longer than the server waits itself.
constexpr auto kAuthorityPatience = std::chrono::minutes(40);

/// "2027-01-05 from 2026-10-07T…": the day is what people plan with.
std::string day_of_time(const json::object& certificate, std::string_view member) {
    return text_of(certificate, member).substr(0, std::string_view("2027-01-05").size());
}

std::string list_of_names(const json::object& certificate) {
    std::string list;
    for (const json::value& name : certificate.at("names").as_array())
        list += (list.empty() ? "" : ", ") + std::string(std::string_view(name.as_string()));
    return list;
}

void print_certificate(const json::object& certificate) {
    print_line(text_of(certificate, "name"));
    std::vector<std::vector<std::string>> rows{{"  " + say("names"), list_of_names(certificate)}};
    if (certificate.at("not_after").is_null())
        rows.push_back({"  " + say("valid"), say("there is none yet")});
    else
        rows.push_back({"  " + say("valid"), say("{} to {}", day_of_time(certificate, "not_before"),
                                                 day_of_time(certificate, "not_after"))});
    rows.push_back({"  " + say("from"), from_server(spoken_language(), text_of(certificate, "origin"))});
    if (!certificate.at("renewal").is_null())
        rows.push_back({"  " + say("renewed"), say("by itself from {} on", day_of_time(certificate, "renewal"))});
    if (!text_of(certificate, "problem").empty()) {
        rows.push_back({"  " + say("PROBLEM"), from_server(spoken_language(), text_of(certificate, "problem"))});
        rows.push_back({"  " + say("next try"), text_of(certificate, "next_try")});
    }
    print_table(rows);
}

/// Whether a certificate that is shown has ended.
bool is_over(const json::object& certificate, std::string_view now) {
    const std::string end = text_of(certificate, "not_after");
    return !end.empty() && end <= now;
}

/// What is wrong makes a status that a monitor sees.
int print_certificates(const json::object& answer, bool as_json) {
    const std::string now = text_of(answer, "now");
    bool good = true;
    for (const json::value& value : answer.at("certificates").as_array())
        good = good && text_of(value.as_object(), "problem").empty() && !is_over(value.as_object(), now);
    if (as_json) {
        print_json(answer);
        return good ? kDone : kFailed;
    }
    bool is_first = true;
    for (const json::value& value : answer.at("certificates").as_array()) {
        if (!is_first) print_gap();
        is_first = false;
        print_certificate(value.as_object());
    }
    return good ? kDone : kFailed;
}

int show_certificates(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/certificate/status", {});
    if (!answer) return commands.status();
    return print_certificates(*answer, arguments.flag("--json"));
}

int renew_certificates(Commands& commands, const Arguments& arguments) {
    const auto answer =
        commands.ask("/certificate/renew", {{"name", arguments.text("NAME")}}, Duration(kAuthorityPatience));
    if (!answer) return commands.status();
    return print_certificates(*answer, arguments.flag("--json"));
}

} // namespace

Command certificate_command() {
    return {.name = "certificate",
            .help = "The certificates that clients are shown, and how they are renewed",
            .footer = "Examples:\n  tegami certificate status\n  tegami certificate renew",
            .subcommands = {
                {.name = "status",
                 .help = "Show each certificate, its end, and what stands in the way of its renewal",
                 .options = {json_option()},
                 .footer = "Exit status 1 if one has ended, or could not be renewed.\n\n"
                           "Example:\n  tegami certificate status",
                 .run = show_certificates},
                {.name = "renew",
                 .help = "Have an authority (acme.directory) give it anew now, and wait for that",
                 .options =
                     {{.kind = Option::Kind::text, .name = "NAME", .help = "As status calls it; otherwise all of them"},
                      json_option()},
                 .footer = "The server renews by itself; this is for after a fault was mended. Authorities count, and "
                           "refuse\nwhoever asks too often.\n\n"
                           "Examples:\n  tegami certificate renew\n  tegami certificate renew mta-sts.example.org",
                 .run = renew_certificates},
            }};
}

} // namespace tegami::app
