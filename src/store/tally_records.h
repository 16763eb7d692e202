// The records of a day of counts and reports: docs/formats/tally.md.
#pragma once

#include "store/engine/engine.h"
#include "store/kept_reports.h"
#include "store/tally.h"
#include "store/traffic.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

Domain tally_domain(std::chrono::sys_days day);

/// FNV-1a; whoever uses it compares what it stands for.
std::uint64_t tally_hash(std::string_view octets);

/// C: a row with its count.
std::string tally_row_prefix(const TallyPlace& place);
std::string tally_row_key(const TallyPlace& place, std::string_view row);
std::string encode_tally_row(const TallyRow& row);
std::optional<TallyRow> decode_tally_row(std::string_view value);

/// D: how many rows a place has. The place is in the key.
std::string tally_sum_prefix(TallyKind kind);
std::string tally_sum_key(const TallyPlace& place);
std::string encode_tally_sum(const TallySum& sum);
std::optional<TallySum> decode_tally_sum(std::chrono::sys_days day, std::string_view key, std::string_view value);

/// T: what a kind has taken on the day.
std::string tally_day_key(TallyKind kind);
std::string encode_tally_day(const TallyDay& day);
std::optional<TallyDay> decode_tally_day(std::string_view value);

/// R, S: a report that was received, or sent; of any domain if the place has none.
std::string kept_report_prefix(ReportWay way, const TallyPlace& place);
std::string kept_report_key(ReportWay way, const KeptReport& report);
std::string encode_kept_report(const KeptReport& report);
std::optional<KeptReport> decode_kept_report(std::chrono::sys_days day, std::string_view key, std::string_view value);

/// K: how many reports were received about a place: a number.
std::string kept_count_key(const TallyPlace& place);

/// H: how much mail there was in an hour of the day, 0 to 23.
std::string traffic_key(unsigned hour);
std::optional<unsigned> hour_of_traffic_key(std::string_view key);
std::string encode_traffic(const TrafficCounts& counts);
std::optional<TrafficCounts> decode_traffic(std::string_view value);

} // namespace tegami::store::record
