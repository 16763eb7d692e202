// tegami tls reports
#include "app/command_line/report_listing.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace tegami::app {

namespace {

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

void print_failures(const json::object& domain) {
    std::size_t printed = 0;
    std::vector<std::string> explained;
    for (const json::value& value : domain.at("failures").as_array()) {
        if (printed++ == kReportLinesMax) break;
        const json::object& failure = value.as_object();
        const std::string type = text_of(failure, "type");
        const std::string host = text_of(failure, "host");
        const std::string reason = text_of(failure, "reason");
        const std::string sessions = count_of(count_in(failure, "sessions"), "connection");
        const std::string failed =
            host.empty() ? say("{} failed", sessions) : say("{} failed at {}", sessions, shortened(host));
        print_line(
            fmt::format("  {}: {}{}", failed, type, reason.empty() ? "" : fmt::format(" ({})", shortened(reason))));
        if (std::ranges::find(explained, type) != explained.end()) continue;
        print_line("    " + from_server(spoken_language(), tls_failure_meaning(type)));
        explained.push_back(type);
    }
}

std::string told_by_signer(const json::object& reporter) {
    return say("{}; signed by {}", count_of(count_in(reporter, "sessions"), "connection"), text_of(reporter, "proven"));
}

void print_tls_domain(const json::object& domain) {
    const std::string name = text_of(domain, "display");
    if (text_of(domain, "reports") == "0") {
        print_line(say("{}: no reports", name));
        return;
    }
    print_line(say("{}: {} in {} as it should be, {} failed", name,
                   count_of(count_in(domain, "succeeded"), "connection"),
                   count_of(count_in(domain, "reports"), "report"), text_of(domain, "failed")));
    print_failures(domain);
    print_reporters(domain, told_by_signer);
}

int show_tls_reports(Commands& commands, const Arguments& arguments) {
    return show_reports(commands, arguments,
                        {.operation = "/tls/reports",
                         .head = say("What other servers report of encrypted connections to the domains here"),
                         .count = "sessions",
                         .column = say("CONNECTIONS"),
                         .print_domain = print_tls_domain});
}

} // namespace

std::string_view tls_failure_meaning(std::string_view type) {
    for (const auto& [name, meaning] : kMeanings)
        if (name == type) return meaning;
    return "";
}

Command tls_command() {
    return {.name = "tls",
            .help = "Reports about encrypted connections between mail servers (TLS-RPT)",
            .footer = "Example:\n  tegami tls reports",
            .subcommands = {reports_command(
                "Reports are read from the mail that comes to tls-reports@ of each domain.\n\nExamples:\n"
                "  tegami tls reports\n  tegami tls reports example.org --days 30",
                show_tls_reports)}};
}

} // namespace tegami::app
