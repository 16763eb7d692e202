// tegami tls reports
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace tegami::app {

namespace {

/// Lines of one list; --json has more.
constexpr std::size_t kTlsListedMax = 20;

/// What the result types of RFC 8460 §4.3 mean for the owner of a domain.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kMeanings{{
    {"starttls-not-supported",
     "the server did not offer encryption (STARTTLS): is it switched on, or does somebody take "
     "it away on the way?"},
    {"certificate-host-mismatch", "the certificate is for another name than that of the server in the MX record"},
    {"certificate-expired", "the certificate has expired"},
    {"certificate-not-trusted", "the certificate is not from an authority that the sender trusts, or not the one that "
                                "the TLSA record names"},
    {"validation-failure", "the connection could not be encrypted for another reason"},
    {"tlsa-invalid", "the TLSA records of the server (DANE) cannot be used"},
    {"dnssec-invalid", "the DNS answers about the server could not be proven (DNSSEC)"},
    {"dane-required", "the sender wants TLSA records (DANE), and there are none"},
    {"sts-policy-fetch-error", "the policy of MTA-STS could not be fetched from mta-sts.DOMAIN"},
    {"sts-policy-invalid", "the policy of MTA-STS has a mistake in it"},
    {"sts-webpki-invalid", "the server of the policy (mta-sts.DOMAIN) has no certificate that is good for its name"},
}};

std::string_view meaning_of(std::string_view type) {
    for (const auto& [name, meaning] : kMeanings)
        if (name == type) return meaning;
    return "";
}

void print_failures(const json::object& domain) {
    std::size_t printed = 0;
    std::vector<std::string> explained;
    for (const json::value& value : domain.at("failures").as_array()) {
        if (printed++ == kTlsListedMax) break;
        const json::object& failure = value.as_object();
        const std::string type = text_of(failure, "type");
        const std::string host = text_of(failure, "host");
        const std::string reason = text_of(failure, "reason");
        print_line(fmt::format("  {} failed{}: {}{}", counted(failure, "sessions", "connection"),
                               host.empty() ? "" : " at " + shortened(host), type,
                               reason.empty() ? "" : fmt::format(" ({})", shortened(reason))));
        if (std::ranges::find(explained, type) != explained.end()) continue;
        print_line(fmt::format("    {}", meaning_of(type)));
        explained.push_back(type);
    }
}

void print_tls_reporters(const json::object& domain) {
    const json::array& reporters = domain.at("reporters").as_array();
    std::size_t printed = 0;
    for (const json::value& value : reporters) {
        if (printed++ == kTlsListedMax) {
            print_line(fmt::format("  and {}", counted(reporters.size() - kTlsListedMax, "more reporter")));
            break;
        }
        const json::object& reporter = value.as_object();
        print_line(fmt::format("  reported by {} ({}, {}; signed by {})", shortened(text_of(reporter, "organization")),
                               counted(reporter, "reports", "report"), counted(reporter, "sessions", "connection"),
                               text_of(reporter, "proven")));
    }
}

void print_tls_domain(const json::object& domain) {
    const std::string name = text_of(domain, "display");
    if (text_of(domain, "reports") == "0") {
        print_line(fmt::format("{}: no reports", name));
        return;
    }
    print_line(fmt::format("{}: {} in {} as it should be, {} failed", name, counted(domain, "succeeded", "connection"),
                           counted(domain, "reports", "report"), text_of(domain, "failed")));
    print_failures(domain);
    print_tls_reporters(domain);
}

void print_tls_sent(const json::object& answer) {
    if (!answer.contains("sent")) return;
    const json::array& sent = answer.at("sent").as_array();
    print_gap();
    if (sent.empty()) {
        print_line("No reports were sent to others.");
        return;
    }
    print_line(fmt::format("{} sent to others, the newest first:", counted(answer, "sent_count", "report")));
    std::vector<std::vector<std::string>> rows{{"  DAY", "ABOUT", "CONNECTIONS", "TO"}};
    for (const json::value& value : sent) {
        if (rows.size() > kTlsListedMax) break;
        const json::object& report = value.as_object();
        rows.push_back({"  " + text_of(report, "day"), text_of(report, "domain"), text_of(report, "sessions"),
                        shortened(text_of(report, "to"))});
    }
    print_table(rows);
}

int show_tls_reports(Commands& commands, const Arguments& arguments) {
    json::object request;
    if (arguments.given("DOMAIN")) request["domain"] = arguments.text("DOMAIN");
    if (arguments.given("--days")) request["days"] = arguments.number("--days");
    const auto answer = commands.ask("/tls/reports", std::move(request));
    if (!answer) return commands.status();
    if (arguments.flag("--json")) {
        print_json(*answer);
        return kDone;
    }
    print_line(fmt::format("What other servers report of encrypted connections to the domains here, {}:",
                           counted(*answer, "days", "day")));
    for (const json::value& domain : answer->at("domains").as_array()) {
        print_gap();
        print_tls_domain(domain.as_object());
    }
    print_tls_sent(*answer);
    return kDone;
}

} // namespace

Command tls_command() {
    return {.name = "tls",
            .help = "Reports about encrypted connections between mail servers (TLS-RPT)",
            .footer = "Example:\n  tegami tls reports",
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
                 .footer = "Reports are read from the mail that comes to tls-reports@ of each domain.\n\nExamples:\n"
                           "  tegami tls reports\n  tegami tls reports example.org --days 30",
                 .run = show_tls_reports},
            }};
}

} // namespace tegami::app
