#include "app/command_line/report_listing.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace tegami::app {

namespace {

void print_sent_reports(const json::object& answer, const ReportListing& listing) {
    if (!answer.contains("sent")) return;
    const json::array& sent = answer.at("sent").as_array();
    print_gap();
    if (sent.empty()) {
        print_line(say("No reports were sent to others."));
        return;
    }
    print_line(say("{} sent to others, the newest first:", count_of(count_in(answer, "sent_count"), "report")));
    std::vector<std::vector<std::string>> rows{{"  " + say("DAY"), say("ABOUT"), listing.column, say("TO")}};
    for (const json::value& value : sent) {
        if (rows.size() > kReportLinesMax) break;
        const json::object& report = value.as_object();
        rows.push_back({"  " + text_of(report, "day"), text_of(report, "domain"), text_of(report, listing.count),
                        shortened(text_of(report, "to"))});
    }
    print_table(rows);
}

} // namespace

int show_reports(Commands& commands, const Arguments& arguments, const ReportListing& listing) {
    json::object request;
    if (arguments.given("DOMAIN")) request["domain"] = arguments.text("DOMAIN");
    if (arguments.given("--days")) request["days"] = arguments.number("--days");
    const auto answer = commands.ask(listing.operation, std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    print_line(fmt::format("{}, {}:", listing.head, count_of(count_in(*answer, "days"), "day")));
    for (const json::value& domain : answer->at("domains").as_array()) {
        print_gap();
        listing.print_domain(domain.as_object());
    }
    print_sent_reports(*answer, listing);
    return kDone;
}

void print_reporters(const json::object& domain, std::string (*told)(const json::object& reporter)) {
    const json::array& reporters = domain.at("reporters").as_array();
    std::size_t printed = 0;
    for (const json::value& value : reporters) {
        if (printed++ == kReportLinesMax) {
            print_line("  " + say("and {} more", count_of(reporters.size() - kReportLinesMax, "reporter")));
            break;
        }
        const json::object& reporter = value.as_object();
        print_line("  " + say("reported by {} ({}, {})", shortened(text_of(reporter, "organization")),
                              count_of(count_in(reporter, "reports"), "report"), told(reporter)));
    }
}

Command reports_command(std::string_view footer, int (*run)(Commands& commands, const Arguments& arguments)) {
    return {.name = "reports",
            .help = "Sum up what other servers report, and list the reports that were sent to others",
            .options = {{.kind = Option::Kind::text,
                         .name = "DOMAIN",
                         .help = "Otherwise all domains",
                         .names = Option::Names::domains},
                        {.kind = Option::Kind::number,
                         .name = "--days",
                         .help = "So many days back; 7 if it is left out",
                         .value = "N",
                         .least = 1,
                         .most = 90},
                        json_option()},
            .footer = footer,
            .run = run};
}

} // namespace tegami::app
