// tegami dns records|check|publish
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

json::object dns_request(const Arguments& arguments) {
    json::object request{{"domain", arguments.text("DOMAIN")}};
    if (!arguments.texts("--address").empty()) request["addresses"] = admin::to_array(arguments.texts("--address"));
    return request;
}

/// What stands before a record in a list.
std::string record_title(const json::object& record) {
    const std::string name = text_of(record, "name");
    return fmt::format("{} {}", name.empty() ? say("(reverse name of the address)") : name, text_of(record, "type"));
}

void print_records(const json::object& answer) {
    const Language language = spoken_language();
    bool advice_began = false;
    print_line(say("Needed for the mail of {}:", text_of(answer, "display")));
    for (const json::value& value : answer.at("records").as_array()) {
        const json::object& record = value.as_object();
        if (!record.at("needed").as_bool() && !advice_began) {
            print_gap();
            print_line(say("Good to have:"));
            advice_began = true;
        }
        const std::string data = text_of(record, "data");
        print_gap();
        print_line(fmt::format("{}  {}", record_title(record), data.empty() ? say("(the public address)") : data));
        print_line("  " + from_server(language, text_of(record, "what_for")));
        print_line("  " + say("Without it, {}.", from_server(language, text_of(record, "without"))));
    }
    print_gap();
    print_line(say("When they are published: tegami dns check {}", text_of(answer, "domain")));
}

int show_records(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/dns/records", dns_request(arguments));
    if (!answer) return commands.status();
    const std::string& format = arguments.text("--format");
    if (arguments.flag("--json") || format == "json") {
        print_json(*answer);
    } else if (format == "zone") {
        for (const json::value& line : answer->at("zone").as_array())
            print_line(from_server(spoken_language(), std::string_view(line.as_string())));
    } else {
        print_records(*answer);
    }
    return kDone;
}

std::string record_state(std::string_view state) {
    if (state == "missing") return say("missing");
    if (state == "wrong") return say("wrong");
    return say("no answer");
}

void print_findings(const json::object& answer) {
    std::vector<std::vector<std::string>> rows;
    std::size_t advices = 0;
    std::size_t faults = 0;
    for (const json::value& value : answer.at("records").as_array()) {
        const json::object& record = value.as_object();
        const std::string state = text_of(record, "state");
        const bool suffers = record.at("mail_suffers").as_bool();
        const bool right = state == "right";
        faults += suffers ? 1 : 0;
        advices += !right && !suffers ? 1 : 0;
        const std::string words = from_server(spoken_language(), text_of(record, "words"));
        rows.push_back({right     ? say("ok")
                        : suffers ? say("FAULT: {}", record_state(state))
                                  : record_state(state),
                        record_title(record) + (words.empty() ? "" : ": " + words)});
        if (state == "missing" && !text_of(record, "data").empty())
            rows.push_back({"", fmt::format("  {}  {}", say("publish"), text_of(record, "data"))});
        else if (!right)
            for (const json::value& found : record.at("found").as_array())
                rows.push_back({"", fmt::format("  {}  {}", say("there"), std::string_view(found.as_string()))});
        if (state == "wrong" && !text_of(record, "data").empty())
            rows.push_back({"", fmt::format("  {}  {}", say("ours"), text_of(record, "data"))});
    }
    print_table(rows);
    print_gap();
    if (faults != 0)
        print_line(say("Mail of {} suffers: {} to mend.", text_of(answer, "display"), count_of(faults, "fault")));
    else
        print_line(advices == 0 ? say("{} has all that mail needs.", text_of(answer, "display"))
                                : say("{} has all that mail needs; {} would do good.", text_of(answer, "display"),
                                      count_of(advices, "more DNS record")));
}

int check_records(Commands& commands, const Arguments& arguments) {
    const auto answer = commands.ask("/dns/check", dns_request(arguments));
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_findings(*answer);
    return answer->at("mail_suffers").as_bool() ? kFailed : kDone;
}

/// What an outcome is called.
std::string outcome_title(std::string_view outcome, bool dry_run) {
    if (outcome == "right") return say("ok");
    if (outcome == "left") return say("left alone");
    if (outcome == "failed") return say("FAILED");
    if (outcome == "added") return dry_run ? say("would add") : say("added");
    return dry_run ? say("would replace") : say("replaced");
}

void print_change(bool dry_run, const std::string& records, const std::string& server, std::size_t left) {
    const std::string others = count_of(left, "other");
    if (left == 0)
        print_line(dry_run ? say("{} to change at {}.", records, server) : say("{} changed at {}.", records, server));
    else
        print_line(dry_run ? say("{} to change at {}; {} left alone.", records, server, others)
                           : say("{} changed at {}; {} left alone.", records, server, others));
}

void print_publication(const json::object& answer) {
    const bool dry_run = answer.at("dry_run").as_bool();
    std::vector<std::vector<std::string>> rows;
    std::size_t changed = 0;
    std::size_t failed = 0;
    std::size_t left = 0;
    for (const json::value& value : answer.at("records").as_array()) {
        const json::object& record = value.as_object();
        const std::string outcome = text_of(record, "outcome");
        const std::string words = from_server(spoken_language(), text_of(record, "words"));
        const bool is_change = outcome == "added" || outcome == "replaced";
        changed += is_change ? 1 : 0;
        failed += outcome == "failed" ? 1 : 0;
        left += outcome == "left" ? 1 : 0;
        rows.push_back({outcome_title(outcome, dry_run),
                        record_title(record) + (words.empty() || outcome == "right" ? "" : ": " + words)});
        if (outcome != "right" && !text_of(record, "data").empty())
            rows.push_back(
                {"", fmt::format("  {}  {}", is_change ? say("now") : say("ours"), text_of(record, "data"))});
    }
    print_table(rows);
    print_gap();
    if (failed != 0)
        print_line(say("{} could not be published at {}.", count_of(failed, "DNS record"), text_of(answer, "server")));
    else if (changed == 0 && left == 0)
        print_line(say("Nothing to do: {} has all of it.", text_of(answer, "server")));
    else
        print_change(dry_run, count_of(changed, "DNS record"), text_of(answer, "server"), left);
}

int publish_records(Commands& commands, const Arguments& arguments) {
    json::object request = dns_request(arguments);
    request["dry_run"] = arguments.flag("--dry-run");
    const auto answer = commands.ask("/dns/publish", request);
    if (!answer) return commands.status();
    if (arguments.flag("--json"))
        print_json(*answer);
    else
        print_publication(*answer);
    return answer->at("failed").as_bool() ? kFailed : kDone;
}

} // namespace

Command dns_command() {
    const Option domain{.kind = Option::Kind::text,
                        .name = "DOMAIN",
                        .help = "Such as example.org",
                        .required = true,
                        .names = Option::Names::domains};
    const Option address{.kind = Option::Kind::texts,
                         .name = "--address",
                         .help = "An address by which everybody reaches this server; may be given several times",
                         .value = "ADDRESS"};
    Option json = json_option();
    json.excludes = {"--format"};
    const Option dry_run{.name = "--dry-run", .help = "Only say what would be changed"};
    return {.name = "dns",
            .help = "What a domain needs in the DNS, and whether it is there",
            .footer = "Examples:\n  tegami dns records example.org\n  tegami dns check example.org",
            .subcommands = {
                {.name = "records",
                 .help = "Show the records to publish, and what each is for",
                 .options = {domain,
                             address,
                             {.kind = Option::Kind::text,
                              .name = "--format",
                              .help = "As a table to read, lines of a zone file, or JSON",
                              .value = "FORMAT",
                              .otherwise = "table",
                              .one_of = {"table", "zone", "json"}},
                             json},
                 .footer = "Examples:\n  tegami dns records example.org --address 192.0.2.1 --address 2001:db8::1\n"
                           "  tegami dns records example.org --format zone",
                 .run = show_records},
                {.name = "check",
                 .help = "Ask the DNS, and say what is missing or wrong and how to mend it",
                 .options = {domain, address, json_option()},
                 .footer = "Exit status 1 if mail suffers.\n\nExample:\n  tegami dns check example.org",
                 .run = check_records},
                {.name = "publish",
                 .help = "Add what is missing and mend what is ours, at the name server of tegami.toml",
                 .options = {domain, address, dry_run, json_option()},
                 .footer = "What somebody wrote differently (MX, addresses, SPF, DMARC) is left alone, and named.\n"
                           "Exit status 1 if something could not be published.\n\n"
                           "Example:\n  tegami dns publish example.org --dry-run",
                 .run = publish_records},
            }};
}

} // namespace tegami::app
