// Letters counted, and the report about them on its way.
#include "reporting/reporting_fixture.h"

namespace tegami::reporting {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DmarcWriterTest : public ReportingWorld {
protected:
    void count(const verification::Finding& found, dmarc::Policy action = dmarc::Policy::quarantine) {
        counter_.count(found, {.action = action});
    }

    /// The report in a queued letter.
    dmarc::AggregateReport report_in(const std::string& octets) {
        const message::Structure structure = message::parse_structure(octets);
        const message::Part& file = structure.root.children.at(1);
        EXPECT_TRUE(file.content_type.is("application", "gzip"));
        const std::string packed =
            message::decode_transfer(octets.substr(file.body_offset, file.body_length), file.encoding);
        return dmarc::read_report(archives_.unpack(packed).value().value()).value();
    }
};

TEST_F(DmarcWriterTest, WhatWasSeenOfADomainIsSentToWhereItAsks) {
    const auto day = today();
    for (int at = 0; at < 3; ++at)
        count(finding());
    count(finding(dmarc::Outcome::pass), dmarc::Policy::none);
    verification::Finding forwarded = finding();
    counter_.count(forwarded, {.action = dmarc::Policy::none, .reasons = {{dmarc::OverrideType::trusted_forwarder}}});
    run_daily(Duration(kDay) + kReportSpread + kReportRound);
    ASSERT_THAT(queued(), SizeIs(1));
    const store::QueuedMessage letter = queued().front();
    EXPECT_EQ(letter.message.reverse_path, std::nullopt);
    EXPECT_EQ(letter.items.at(0).recipients.at(0).address.to_string(), "rua@a.test");
    const std::string octets = octets_of(letter.message);
    const auto begin = std::to_string(std::chrono::sys_seconds(day).time_since_epoch().count());
    EXPECT_THAT(octets,
                AllOf(HasSubstr("From: Mail reports <postmaster@b.test>"), HasSubstr("To: rua@a.test"),
                      HasSubstr("Report Domain: a.test Submitter: mail.b.test"),
                      HasSubstr("Auto-Submitted: auto-generated"), HasSubstr("\"mail.b.test!a.test!" + begin + "!")));
    const dmarc::AggregateReport report = report_in(octets);
    EXPECT_EQ(report.metadata.organization, "mail.b.test");
    EXPECT_EQ(report.metadata.begin, std::chrono::sys_seconds(day));
    EXPECT_EQ(report.policy.domain, "a.test");
    EXPECT_EQ(report.policy.p, dmarc::Policy::quarantine);
    std::map<std::string, std::uint64_t> rows;
    for (const dmarc::ReportRow& row : report.rows) {
        EXPECT_EQ(row.seen.source.to_string(), "192.0.2.7");
        EXPECT_EQ(row.seen.header_from, "a.test");
        EXPECT_EQ(row.seen.envelope_from, "c.test");
        EXPECT_EQ(row.seen.spf->result, dmarc::AuthResult::pass);
        rows[row.seen.spf_aligned                                     ? "passed"
             : row.seen.disposition == dmarc::Disposition::quarantine ? "junk"
                                                                      : "forwarded"] = row.count;
    }
    EXPECT_EQ(rows, (std::map<std::string, std::uint64_t>{{"passed", 1}, {"junk", 3}, {"forwarded", 1}}));
    EXPECT_THAT(counted(day), IsEmpty());
    const DmarcOverview seen = overview();
    ASSERT_THAT(seen.sent, SizeIs(1));
    EXPECT_EQ(seen.sent.front().place.domain, "a.test");
    EXPECT_EQ(seen.sent.front().report.count, 5U);
    EXPECT_EQ(seen.sent.front().report.to, "rua@a.test");
}

TEST_F(DmarcWriterTest, TheSameCountsGiveTheSameReport) {
    count(finding());
    run(tally_.flush()).value();
    const store::TallySum sum = counted(today()).at(0);
    time_.run_for(Duration(kDay));
    for (int at = 0; at < 2; ++at)
        EXPECT_EQ(run(writer_.report(sum)), ReportOutcome::done);
    ASSERT_THAT(queued(), SizeIs(2));
    const auto report = report_in(octets_of(queued()[0].message));
    EXPECT_EQ(report, report_in(octets_of(queued()[1].message)));
    EXPECT_THAT(overview().sent, SizeIs(1));
}

TEST_F(DmarcWriterTest, APolicyThatChangesDuringTheDayMakesTwoReports) {
    count(finding());
    verification::Finding later = finding();
    later.verdicts.dmarc.record->record.p = dmarc::Policy::reject;
    count(later);
    run_daily(Duration(kDay) + kReportSpread + kReportRound);
    ASSERT_THAT(queued(), SizeIs(2));
    EXPECT_NE(report_in(octets_of(queued()[0].message)).metadata.report_id,
              report_in(octets_of(queued()[1].message)).metadata.report_id);
}

TEST_F(DmarcWriterTest, WhoAsksForNothingOrForAStrangerGetsNothing) {
    verification::Finding quiet = finding();
    quiet.verdicts.dmarc.record->record.rua.clear();
    count(quiet);
    run(tally_.flush()).value();
    EXPECT_THAT(counted(today()), IsEmpty());

    count(finding());
    resolver_.clear();
    resolver_.add("_dmarc.a.test", "TXT", "\"v=DMARC1; p=none; rua=mailto:victim@elsewhere.test\"");
    run_daily(Duration(kDay) + kReportSpread + kReportRound);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(counted(today() - std::chrono::days(1)), IsEmpty()) << "and nothing is kept for it";
}

TEST_F(DmarcWriterTest, ADnsFailureIsWaitedFor) {
    count(finding());
    resolver_.fail("_dmarc.a.test", net::DnsStatus::timed_out);
    run_daily(Duration(kDay) + kReportSpread + kReportRound);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(counted(today() - std::chrono::days(1)), SizeIs(1));
    resolver_.forget_failure("_dmarc.a.test");
    run_daily(kReportRetry + kReportRound);
    EXPECT_THAT(queued(), SizeIs(1));
}

TEST_F(DmarcWriterTest, AReportAboutOurselvesIsReadHere) {
    resolver_.add("_dmarc.b.test", "TXT", "\"v=DMARC1; p=none; rua=mailto:dmarc-reports@b.test\"");
    verification::Finding forged = finding();
    forged.verdicts.dmarc.author = forged.verdicts.dmarc.record->domain = domain("b.test");
    count(forged);
    run_daily(Duration(kDay) + kReportSpread + kReportRound);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(overview().domains.at("b.test").sums.letters, 1U);
}

} // namespace
} // namespace tegami::reporting
