// What the commands that sum up reports of other servers share: `tegami dmarc reports`, `tegami tls reports`.
#pragma once

#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::app {

/// Lines of one list; --json has more.
inline constexpr std::size_t kReportLinesMax = 20;

/// One kind of reports.
struct ReportListing {
    std::string operation; ///< "/tls/reports"
    std::string head;      ///< "What other servers report of encrypted connections to the domains here"
    /// What they count: its name in the answer, and as the head of a column.
    std::string_view count;
    std::string column;
    void (*print_domain)(const json::object& domain) = nullptr;
};

/// Asks for the reports and prints them; returns the exit status.
int show_reports(Commands& commands, const Arguments& arguments, const ReportListing& listing);

/// "reported by A (2 reports, 9 letters; sent by B)" for each that reports about the domain: `told` is what stands behind
/// the number of reports.
void print_reporters(const json::object& domain, std::string (*told)(const json::object& reporter));

/// The subcommand `reports`.
Command reports_command(std::string_view footer, int (*run)(Commands& commands, const Arguments& arguments));

/// What a result type of a report about TLS (RFC 8460 §4.3) means for the owner of the domain; empty if it is unknown.
std::string_view tls_failure_meaning(std::string_view type);

} // namespace tegami::app
