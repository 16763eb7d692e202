#include "store/tally_records.h"

#include "store/record_coding.h"

namespace tegami::store::record {

namespace {

/// Octets at the end of C, R and S keys: NUL and the hash.
constexpr std::size_t kHashTail = 9;

/// The letter, the kind and, if there is one, the domain.
std::string place_key(char letter, const TallyPlace& place) {
    std::string key{letter, static_cast<char>(place.kind)};
    key += place.domain;
    return key;
}

std::string hashed_key(std::string prefix, std::string_view octets) {
    bytes::append_big_endian(prefix, tally_hash(octets));
    return prefix;
}

std::optional<TallyKind> kind_of(std::string_view key) {
    if (key.size() < 2 || key[1] < 1 || key[1] > 2) return std::nullopt;
    return static_cast<TallyKind>(key[1]);
}

} // namespace

Domain tally_domain(std::chrono::sys_days day) {
    return {DomainKind::tally, static_cast<std::uint64_t>(day.time_since_epoch().count())};
}

std::uint64_t tally_hash(std::string_view octets) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : octets)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

std::string tally_row_prefix(const TallyPlace& place) {
    return place_key('C', place) + '\0';
}

std::string tally_row_key(const TallyPlace& place, std::string_view row) {
    return hashed_key(tally_row_prefix(place), row);
}

std::string encode_tally_row(const TallyRow& row) {
    std::string out = begin_value();
    bytes::append_varint(out, row.count);
    bytes::append_string(out, row.octets);
    return out;
}

std::optional<TallyRow> decode_tally_row(std::string_view value) {
    bytes::Reader in = open_value(value);
    TallyRow row;
    row.count = in.varint();
    row.octets = in.string();
    if (!in.complete()) return std::nullopt;
    return row;
}

std::string tally_sum_prefix(TallyKind kind) {
    return place_key('D', {.kind = kind, .day = {}, .domain = {}});
}

std::string tally_sum_key(const TallyPlace& place) {
    return place_key('D', place);
}

std::string encode_tally_sum(const TallySum& sum) {
    std::string out = begin_value();
    bytes::append_varint(out, sum.rows);
    bytes::append_varint(out, sum.left_out);
    return out;
}

std::optional<TallySum> decode_tally_sum(std::chrono::sys_days day, std::string_view key, std::string_view value) {
    const auto kind = kind_of(key);
    if (!kind) return std::nullopt;
    bytes::Reader in = open_value(value);
    TallySum sum{.place = {.kind = *kind, .day = day, .domain = std::string(key.substr(2))}};
    sum.rows = in.varint();
    sum.left_out = in.varint();
    if (!in.complete()) return std::nullopt;
    return sum;
}

std::string tally_day_key(TallyKind kind) {
    return place_key('T', {.kind = kind, .day = {}, .domain = {}});
}

std::string encode_tally_day(const TallyDay& day) {
    std::string out = begin_value();
    bytes::append_varint(out, day.places);
    bytes::append_varint(out, day.bytes);
    return out;
}

std::optional<TallyDay> decode_tally_day(std::string_view value) {
    bytes::Reader in = open_value(value);
    TallyDay day;
    day.places = in.varint();
    day.bytes = in.varint();
    if (!in.complete()) return std::nullopt;
    return day;
}

std::string kept_report_prefix(ReportWay way, const TallyPlace& place) {
    std::string prefix = place_key(way == ReportWay::received ? 'R' : 'S', place);
    if (!place.domain.empty()) prefix += '\0';
    return prefix;
}

std::string kept_report_key(ReportWay way, const KeptReport& report) {
    return hashed_key(kept_report_prefix(way, report.place), report.id);
}

std::string encode_kept_report(const KeptReport& report) {
    std::string out = begin_value();
    bytes::append_string(out, report.id);
    bytes::append_string(out, report.value);
    return out;
}

std::optional<KeptReport> decode_kept_report(std::chrono::sys_days day, std::string_view key, std::string_view value) {
    const auto kind = kind_of(key);
    if (!kind || key.size() <= 2 + kHashTail || key[key.size() - kHashTail] != '\0') return std::nullopt;
    bytes::Reader in = open_value(value);
    KeptReport report{
        .place = {.kind = *kind, .day = day, .domain = std::string(key.substr(2, key.size() - 2 - kHashTail))},
        .id = {},
        .value = {}};
    report.id = in.string();
    report.value = in.string();
    if (!in.complete()) return std::nullopt;
    return report;
}

std::string kept_count_key(const TallyPlace& place) {
    return place_key('K', place);
}

std::string traffic_key(unsigned hour) {
    return {'H', static_cast<char>(hour)};
}

std::optional<unsigned> hour_of_traffic_key(std::string_view key) {
    if (key.size() != 2 || key.front() != 'H' || static_cast<unsigned char>(key[1]) > 23) return std::nullopt;
    return static_cast<unsigned char>(key[1]);
}

std::string encode_traffic(const TrafficCounts& counts) {
    std::string out = begin_value();
    bytes::append_varint(out, counts.size());
    for (const auto& [name, count] : counts) {
        bytes::append_string(out, name);
        bytes::append_varint(out, count);
    }
    return out;
}

std::optional<TrafficCounts> decode_traffic(std::string_view value) {
    bytes::Reader in = open_value(value);
    const std::uint64_t size = in.varint();
    if (in.failed() || size > kTrafficCountsMax) return std::nullopt;
    TrafficCounts counts;
    for (std::uint64_t at = 0; at < size; ++at) {
        std::string name(in.string());
        counts[std::move(name)] = in.varint();
    }
    if (!in.complete()) return std::nullopt;
    return counts;
}

} // namespace tegami::store::record
