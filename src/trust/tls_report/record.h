// The record by which a domain asks for reports about TLS (RFC 8460 §3).
#pragma once

#include "message/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::tls_report {

/// Limit: octets of the record, of one URI, and URIs that are looked at; the first ones.
inline constexpr std::size_t kTlsReportRecordBytesMax = 4096;
inline constexpr std::size_t kTlsReportUriBytesMax = 1024;
inline constexpr std::size_t kTlsReportUrisMax = 10;

/// Where a report is sent by POST.
struct WebAddress {
    std::string host; ///< a name in A-labels; an address is none, for its certificate would prove little
    std::uint16_t port = 443;
    std::string target; ///< path and query, "/" at least

    /// "https://host:port/path", the port only if it is another than 443.
    std::string to_string() const;
    bool operator==(const WebAddress&) const = default;
};

using ReportAddress = std::variant<message::EmailAddress, WebAddress>;

/// Where the one record among these TXT records (each with its strings joined) wants reports sent, in its order, none
/// twice; URIs of other schemes, and those that break the grammar, are left out. Empty if there is no record, more than
/// one, or one that breaks the grammar.
std::vector<ReportAddress> find_report_addresses(const std::vector<std::string>& texts);

} // namespace tegami::tls_report
