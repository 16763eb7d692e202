// tegami dmarc reports
#include "app/command_line/report_listing.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

std::uint64_t number_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

/// What a host's letters lack.
std::string lack_of(const json::object& host) {
    if (number_of(host, "failed") == 0) return "";
    std::string lack;
    if (number_of(host, "spf_passed") == 0) lack = say("SPF does not fit");
    if (number_of(host, "dkim_passed") == 0)
        lack = lack.empty() ? say("no signature fits") : say("{}, {}", lack, say("no signature fits"));
    return lack.empty() ? say("some letters lack both") : lack;
}

void print_hosts(const json::object& domain) {
    const json::array& hosts = domain.at("hosts").as_array();
    if (hosts.empty()) return;
    std::vector<std::vector<std::string>> rows{
        {"  " + say("HOST"), say("LETTERS"), say("PASSED"), say("FAILED"), say("NAME"), ""}};
    std::uint64_t listed = 0;
    for (const json::value& value : hosts) {
        if (rows.size() > kReportLinesMax) break;
        const json::object& host = value.as_object();
        listed += number_of(host, "letters");
        rows.push_back({"  " + text_of(host, "address"), text_of(host, "letters"), text_of(host, "passed"),
                        text_of(host, "failed"), shortened(text_of(host, "name")), lack_of(host)});
    }
    if (const std::uint64_t all = number_of(domain, "letters"); all > listed)
        rows.push_back({"  " + say("others"), std::to_string(all - listed), "", "", "", ""});
    print_table(rows);
}

std::string told_by(const json::object& reporter) {
    const std::string proven = text_of(reporter, "proven");
    return say("{}; {}", count_of(count_in(reporter, "letters"), "letter"),
               proven.empty() ? say("nobody proved who sent it") : say("sent by {}", proven));
}

void print_domain_reports(const json::object& domain) {
    const std::string name = text_of(domain, "display");
    if (number_of(domain, "reports") == 0) {
        print_line(say("{}: no reports", name));
        return;
    }
    print_line(say("{}: {} in {}: {} passed, {} failed", name, count_of(count_in(domain, "letters"), "letter"),
                   count_of(count_in(domain, "reports"), "report"), text_of(domain, "passed"),
                   text_of(domain, "failed")));
    if (number_of(domain, "quarantined") + number_of(domain, "rejected") != 0)
        print_line("  " + say("receivers put {} into junk and refused {}", text_of(domain, "quarantined"),
                              text_of(domain, "rejected")));
    print_hosts(domain);
    print_reporters(domain, told_by);
}

int show_dmarc_reports(Commands& commands, const Arguments& arguments) {
    return show_reports(commands, arguments,
                        {.operation = "/dmarc/reports",
                         .head = say("What other servers report of mail in the names of the domains here"),
                         .count = "letters",
                         .column = say("LETTERS"),
                         .print_domain = print_domain_reports});
}

} // namespace

Command dmarc_command() {
    return {.name = "dmarc",
            .help = "Reports about mail in the domains' names (DMARC)",
            .footer = "Example:\n  tegami dmarc reports",
            .subcommands = {reports_command(
                "Reports are read from the mail that comes to dmarc-reports@ of each domain.\n\nExamples:\n"
                "  tegami dmarc reports\n  tegami dmarc reports example.org --days 30",
                show_dmarc_reports)}};
}

} // namespace tegami::app
