// Rows of counts and what is kept of reports: written and read as they were, and nothing else is read.
#include "reporting/dmarc_rows.h"
#include "reporting/dmarc_summary.h"

#include <gtest/gtest.h>

namespace tegami::reporting {
namespace {

DmarcRow full_row() {
    DmarcRow row{.policy = {.domain = "a.test",
                            .discovery = dmarc::DiscoveryMethod::tree_walk,
                            .p = dmarc::Policy::reject,
                            .sp = dmarc::Policy::none,
                            .np = std::nullopt,
                            .aspf = dmarc::AlignmentMode::strict,
                            .failure_options = "1:d",
                            .testing = true},
                 .seen = {}};
    row.seen.source = IpAddress::parse("2001:db8::7").value();
    row.seen.disposition = dmarc::Disposition::quarantine;
    row.seen.dkim_aligned = true;
    row.seen.overrides = {{.type = dmarc::OverrideType::mailing_list, .comment = "a list"}};
    row.seen.header_from = "x.a.test";
    row.seen.envelope_from = "c.test";
    for (const auto result : {dmarc::AuthResult::pass, dmarc::AuthResult::permerror})
        row.seen.dkim.push_back({.domain = "a.test", .selector = "s", .result = result});
    row.seen.spf = dmarc::SpfFinding{.domain = "c.test", .result = dmarc::AuthResult::softfail};
    return row;
}

/// Every shorter text and one octet more are refused.
template <class Decode>
void expect_exact(const std::string& octets, Decode decode) {
    for (std::size_t length = 0; length < octets.size(); ++length)
        EXPECT_FALSE(decode(octets.substr(0, length)).has_value()) << length;
    EXPECT_FALSE(decode(octets + '\0').has_value());
}

TEST(DmarcRows, AreReadAsTheyWereWritten) {
    const auto decode = [](const std::string& octets) { return decode_dmarc_row("a.test", octets); };
    DmarcRow small{.policy = {.domain = "a.test", .discovery = dmarc::DiscoveryMethod::tree_walk}, .seen = {}};
    small.seen.source = IpAddress::parse("192.0.2.1").value();
    for (const DmarcRow& row : {full_row(), small}) {
        EXPECT_EQ(decode(encode_dmarc_row(row)), row);
        expect_exact(encode_dmarc_row(row), decode);
    }
}

TEST(DmarcRows, WhatStrangersChooseIsCut) {
    DmarcRow row = full_row();
    row.seen.dkim.assign(200, {.domain = "a.test", .selector = std::string(100'000, 's')});
    const std::string octets = encode_dmarc_row(row);
    EXPECT_LT(octets.size(), 8192U) << "a row fits into the tally";
    const auto read = decode_dmarc_row("a.test", octets);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->seen.dkim.size(), dmarc::kRowSignaturesMax);
}

TEST(DmarcSummaries, AreReadAsTheyWereWritten) {
    dmarc::AggregateReport report;
    report.metadata = {.organization = "A", .email = "a@a.test", .report_id = "1"};
    for (std::uint8_t at = 0; at < 2; ++at) {
        dmarc::Observation seen{.source = IpAddress::v4({192, 0, 2, at}), .spf_aligned = at == 1};
        report.rows.push_back({.seen = seen, .count = at + 1U});
        report.rows.push_back({.seen = seen, .count = 10});
    }
    DmarcSummary summary = summarize(report);
    summary.author = "a.test";
    EXPECT_EQ(summary.hosts.size(), 2U);
    EXPECT_EQ(summary.hosts.front().address.to_string(), "192.0.2.1");
    EXPECT_EQ(summary.sums(), (DmarcSums{.letters = 23, .passed = 12, .spf = 12}));
    EXPECT_EQ(decode_dmarc_summary(encode_dmarc_summary(summary)), summary);
    expect_exact(encode_dmarc_summary(summary), decode_dmarc_summary);
    const SentReport sent{.report_id = "1", .to = "a@a.test", .count = 7, .journey = "j"};
    EXPECT_EQ(decode_sent_report(encode_sent_report(sent)), sent);
    expect_exact(encode_sent_report(sent), decode_sent_report);
}

TEST(DmarcSummaries, KeepTheHostsWithTheMostLettersAndTheSumOfAll) {
    dmarc::AggregateReport report;
    report.metadata.organization = std::string(100'000, 'o');
    for (std::uint32_t at = 0; at < 5000; ++at) {
        const IpAddress source =
            IpAddress::v4({10, 0, static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at)});
        report.rows.push_back({.seen = {.source = source}, .count = at});
    }
    report.rows.push_back({.seen = {}, .count = UINT64_MAX});
    const DmarcSummary summary = summarize(report);
    EXPECT_EQ(summary.hosts.size(), kSummaryHostsMax);
    EXPECT_EQ(summary.hosts[1].sums.letters, 4999U);
    EXPECT_EQ(summary.sums().letters, UINT64_MAX) << "sums do not run over";
    EXPECT_LT(encode_dmarc_summary(summary).size(), 32U << 10);
    EXPECT_EQ(decode_dmarc_summary(encode_dmarc_summary(summary)), summary);
}

} // namespace
} // namespace tegami::reporting
