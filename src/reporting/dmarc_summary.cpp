#include "reporting/dmarc_summary.h"

#include "base/bytes.h"
#include "reporting/coding.h"

#include <algorithm>
#include <map>

namespace tegami::reporting {

namespace {

constexpr std::uint8_t kSummaryFormat = 1;

std::uint64_t saturated(std::uint64_t one, std::uint64_t other) {
    return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

void append_short(std::string& out, std::string_view text) {
    bytes::append_string(out, text.substr(0, kSummaryTextMax));
}

void append_moment(std::string& out, std::int64_t count) {
    bytes::append_big_endian(out, static_cast<std::uint64_t>(count));
}

template <class Moment>
Moment read_moment(bytes::Reader& in) {
    return Moment(typename Moment::duration(static_cast<std::int64_t>(in.big_endian<std::uint64_t>())));
}

void append_sums(std::string& out, const DmarcSums& sums) {
    for (const std::uint64_t each : {sums.letters, sums.passed, sums.spf, sums.dkim, sums.quarantined, sums.rejected})
        bytes::append_varint(out, each);
}

DmarcSums read_sums(bytes::Reader& in) {
    DmarcSums sums;
    for (std::uint64_t* each : {&sums.letters, &sums.passed, &sums.spf, &sums.dkim, &sums.quarantined, &sums.rejected})
        *each = in.varint();
    return sums;
}

DmarcSums sums_of(const dmarc::ReportRow& row) {
    const auto when = [&](bool holds) { return holds ? row.count : 0; };
    return {.letters = row.count,
            .passed = when(row.seen.spf_aligned || row.seen.dkim_aligned),
            .spf = when(row.seen.spf_aligned),
            .dkim = when(row.seen.dkim_aligned),
            .quarantined = when(row.seen.disposition == dmarc::Disposition::quarantine),
            .rejected = when(row.seen.disposition == dmarc::Disposition::reject)};
}

} // namespace

DmarcSums& DmarcSums::operator+=(const DmarcSums& more) {
    letters = saturated(letters, more.letters);
    passed = saturated(passed, more.passed);
    spf = saturated(spf, more.spf);
    dkim = saturated(dkim, more.dkim);
    quarantined = saturated(quarantined, more.quarantined);
    rejected = saturated(rejected, more.rejected);
    return *this;
}

DmarcSums DmarcSummary::sums() const {
    DmarcSums all = others;
    for (const DmarcHost& host : hosts)
        all += host.sums;
    return all;
}

DmarcSummary summarize(const dmarc::AggregateReport& report) {
    const auto cut = [](const std::string& text) { return text.substr(0, kSummaryTextMax); };
    DmarcSummary summary{.organization = cut(report.metadata.organization),
                         .email = cut(report.metadata.email),
                         .report_id = cut(report.metadata.report_id),
                         .begin = report.metadata.begin,
                         .end = report.metadata.end,
                         .policy = report.policy.p};
    std::map<IpAddress, DmarcSums> hosts;
    for (const dmarc::ReportRow& row : report.rows)
        hosts[row.seen.source.unmapped()] += sums_of(row);
    for (const auto& [address, sums] : hosts)
        summary.hosts.push_back({.address = address, .sums = sums});
    std::ranges::sort(summary.hosts, [](const DmarcHost& one, const DmarcHost& other) {
        if (one.sums.letters != other.sums.letters) return one.sums.letters > other.sums.letters;
        return one.address < other.address;
    });
    while (summary.hosts.size() > kSummaryHostsMax) {
        summary.others += summary.hosts.back().sums;
        ++summary.others_count;
        summary.hosts.pop_back();
    }
    return summary;
}

std::string encode_dmarc_summary(const DmarcSummary& summary) {
    std::string out(1, static_cast<char>(kSummaryFormat));
    append_short(out, summary.organization);
    append_short(out, summary.email);
    append_short(out, summary.report_id);
    append_moment(out, summary.begin.time_since_epoch().count());
    append_moment(out, summary.end.time_since_epoch().count());
    append_moment(out, summary.received.time_since_epoch().count());
    append_short(out, summary.author);
    append_short(out, summary.journey);
    out.push_back(static_cast<char>(summary.policy));
    append_sums(out, summary.others);
    bytes::append_varint(out, summary.others_count);
    bytes::append_varint(out, std::min(summary.hosts.size(), kSummaryHostsMax));
    for (std::size_t at = 0; at < std::min(summary.hosts.size(), kSummaryHostsMax); ++at) {
        bytes::append_string(out, summary.hosts[at].address.octets());
        append_sums(out, summary.hosts[at].sums);
    }
    return out;
}

std::optional<DmarcSummary> decode_dmarc_summary(std::string_view octets) {
    bytes::Reader in(octets);
    if (in.big_endian<std::uint8_t>() != kSummaryFormat) return std::nullopt;
    DmarcSummary summary;
    summary.organization = in.string().substr(0, kSummaryTextMax);
    summary.email = in.string().substr(0, kSummaryTextMax);
    summary.report_id = in.string().substr(0, kSummaryTextMax);
    summary.begin = read_moment<std::chrono::sys_seconds>(in);
    summary.end = read_moment<std::chrono::sys_seconds>(in);
    summary.received = read_moment<Timestamp>(in);
    summary.author = in.string().substr(0, kSummaryTextMax);
    summary.journey = in.string().substr(0, kSummaryTextMax);
    const auto policy = in.big_endian<std::uint8_t>();
    if (policy > static_cast<std::uint8_t>(dmarc::Policy::reject)) return std::nullopt;
    summary.policy = static_cast<dmarc::Policy>(policy);
    summary.others = read_sums(in);
    summary.others_count = in.varint();
    const std::uint64_t hosts = in.varint();
    if (hosts > kSummaryHostsMax) return std::nullopt;
    for (std::uint64_t left = hosts; left > 0 && !in.failed(); --left) {
        const auto address = address_of(in.string());
        if (!address) return std::nullopt;
        summary.hosts.push_back({.address = *address, .sums = read_sums(in)});
    }
    if (!in.complete()) return std::nullopt;
    return summary;
}

std::string encode_sent_report(const SentReport& report) {
    std::string out(1, static_cast<char>(kSummaryFormat));
    append_short(out, report.report_id);
    bytes::append_string(out, report.to);
    append_moment(out, report.sent.time_since_epoch().count());
    bytes::append_varint(out, report.count);
    append_short(out, report.journey);
    return out;
}

std::optional<SentReport> decode_sent_report(std::string_view octets) {
    bytes::Reader in(octets);
    if (in.big_endian<std::uint8_t>() != kSummaryFormat) return std::nullopt;
    SentReport report;
    report.report_id = in.string().substr(0, kSummaryTextMax);
    report.to = in.string();
    report.sent = read_moment<Timestamp>(in);
    report.count = in.varint();
    report.journey = in.string().substr(0, kSummaryTextMax);
    if (!in.complete()) return std::nullopt;
    return report;
}

} // namespace tegami::reporting
