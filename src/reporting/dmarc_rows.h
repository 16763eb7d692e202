// What is counted of a letter for its domain's aggregate report, as octets (docs/formats/reports.md).
//
// 1. Equal letters give equal octets. The policy domain is not in them: whoever keeps them knows it.
// 2. Reading ends within the limits, whatever the octets are.
#pragma once

#include "trust/dmarc/report.h"
#include "trust/dmarc/report_rows.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::reporting {

/// Limit: octets of a selector or another text of a row, which strangers choose; longer ones are cut.
inline constexpr std::size_t kDmarcRowTextMax = 255;
/// Limit: reasons of one row.
inline constexpr std::size_t kDmarcRowReasonsMax = 4;

struct DmarcRow {
    dmarc::PublishedPolicy policy;
    dmarc::Observation seen;

    bool operator==(const DmarcRow&) const = default;
};

std::string encode_dmarc_row(const DmarcRow& row);
/// Nothing if it is not wholly understood. `domain` is the policy domain.
std::optional<DmarcRow> decode_dmarc_row(std::string_view domain, std::string_view octets);

} // namespace tegami::reporting
