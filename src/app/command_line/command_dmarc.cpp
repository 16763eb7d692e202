// tegami dmarc reports
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

/// Lines of one list; --json has more.
constexpr std::size_t kListedMax = 20;

std::uint64_t number_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

/// What a host's letters lack.
std::string lack_of(const json::object& host) {
    if (number_of(host, "failed") == 0) return "";
    std::string lack;
    if (number_of(host, "spf_passed") == 0) lack = "SPF does not fit";
    if (number_of(host, "dkim_passed") == 0) lack += lack.empty() ? "no signature fits" : ", no signature fits";
    return lack.empty() ? "some letters lack both" : lack;
}

void print_hosts(const json::object& domain) {
    const json::array& hosts = domain.at("hosts").as_array();
    if (hosts.empty()) return;
    std::vector<std::vector<std::string>> rows{{"  HOST", "LETTERS", "PASSED", "FAILED", "NAME", ""}};
    std::uint64_t listed = 0;
    for (const json::value& value : hosts) {
        if (rows.size() > kListedMax) break;
        const json::object& host = value.as_object();
        listed += number_of(host, "letters");
        rows.push_back({"  " + text_of(host, "address"), text_of(host, "letters"), text_of(host, "passed"),
                        text_of(host, "failed"), shortened(text_of(host, "name")), lack_of(host)});
    }
    if (const std::uint64_t all = number_of(domain, "letters"); all > listed)
        rows.push_back({"  others", std::to_string(all - listed), "", "", "", ""});
    print_table(rows);
}

void print_reporters(const json::object& domain) {
    const json::array& reporters = domain.at("reporters").as_array();
    std::size_t printed = 0;
    for (const json::value& value : reporters) {
        if (printed++ == kListedMax) {
            print_line(fmt::format("  and {}", counted(reporters.size() - kListedMax, "more reporter")));
            break;
        }
        const json::object& reporter = value.as_object();
        const std::string proven = text_of(reporter, "proven");
        print_line(fmt::format("  reported by {} ({}, {}; {})", shortened(text_of(reporter, "organization")),
                               counted(reporter, "reports", "report"), counted(reporter, "letters", "letter"),
                               proven.empty() ? "nobody proved who sent it" : "sent by " + proven));
    }
}

void print_domain_reports(const json::object& domain) {
    const std::string name = text_of(domain, "display");
    if (number_of(domain, "reports") == 0) {
        print_line(fmt::format("{}: no reports", name));
        return;
    }
    print_line(fmt::format("{}: {} in {}: {} passed, {} failed", name, counted(domain, "letters", "letter"),
                           counted(domain, "reports", "report"), text_of(domain, "passed"), text_of(domain, "failed")));
    if (number_of(domain, "quarantined") + number_of(domain, "rejected") != 0)
        print_line(fmt::format("  receivers put {} into junk and refused {}", text_of(domain, "quarantined"),
                               text_of(domain, "rejected")));
    print_hosts(domain);
    print_reporters(domain);
}

void print_sent(const json::object& answer) {
    if (!answer.contains("sent")) return;
    const json::array& sent = answer.at("sent").as_array();
    print_gap();
    if (sent.empty()) {
        print_line("No reports were sent to others.");
        return;
    }
    print_line(fmt::format("{} sent to others, the newest first:", counted(answer, "sent_count", "report")));
    std::vector<std::vector<std::string>> rows{{"  DAY", "ABOUT", "LETTERS", "TO"}};
    for (const json::value& value : sent) {
        if (rows.size() > kListedMax) break;
        const json::object& report = value.as_object();
        rows.push_back({"  " + text_of(report, "day"), text_of(report, "domain"), text_of(report, "letters"),
                        shortened(text_of(report, "to"))});
    }
    print_table(rows);
}

int show_reports(Commands& commands, const Arguments& arguments) {
    json::object request;
    if (arguments.given("DOMAIN")) request["domain"] = arguments.text("DOMAIN");
    if (arguments.given("--days")) request["days"] = arguments.number("--days");
    const auto answer = commands.ask("/dmarc/reports", std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    print_line(fmt::format("What other servers report of mail in the names of the domains here, {}:",
                           counted(*answer, "days", "day")));
    for (const json::value& domain : answer->at("domains").as_array()) {
        print_gap();
        print_domain_reports(domain.as_object());
    }
    print_sent(*answer);
    return kDone;
}

} // namespace

Command dmarc_command() {
    return {.name = "dmarc",
            .help = "Reports about mail in the domains' names (DMARC)",
            .footer = "Example:\n  tegami dmarc reports",
            .subcommands = {
                {.name = "reports",
                 .help = "Sum up what other servers report, and list the reports that were sent to others",
                 .options = {{.kind = Option::Kind::text, .name = "DOMAIN", .help = "Otherwise all domains"},
                             {.kind = Option::Kind::number,
                              .name = "--days",
                              .help = "So many days back; 7 if it is left out",
                              .value = "N",
                              .least = 1,
                              .most = 90},
                             json_option()},
                 .footer = "Reports are read from the mail that comes to dmarc-reports@ of each domain.\n\nExamples:\n"
                           "  tegami dmarc reports\n  tegami dmarc reports example.org --days 30",
                 .run = show_reports},
            }};
}

} // namespace tegami::app
