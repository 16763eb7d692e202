// What is counted of a connection for the report about TLS to the domain that mail was for, as octets
// (docs/formats/reports.md).
//
// 1. Equal connections give equal octets. The domain is not in them: whoever keeps them knows it.
// 2. Reading ends within the limits, whatever the octets are.
#pragma once

#include "trust/tls_report/report.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::reporting {

/// Limit: octets of a text of a row, which strangers choose, and texts and hosts of a policy; what is beyond is cut.
inline constexpr std::size_t kTlsRowTextMax = 255;
inline constexpr std::size_t kTlsRowTextsMax = 12;

struct TlsRow {
    tls_report::ReportedPolicy policy{};
    /// Nothing if TLS was as it should be. Its sessions are not in the row.
    std::optional<tls_report::FailureDetail> failure{};

    bool operator==(const TlsRow&) const = default;
};

std::string encode_tls_row(const TlsRow& row);
/// Nothing if it is not wholly understood. `domain` is that of the policy.
std::optional<TlsRow> decode_tls_row(std::string_view domain, std::string_view octets);

} // namespace tegami::reporting
