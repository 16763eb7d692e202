// Letters to the addresses for reports: read, kept once, summed up; whatever else they are, they end well.
#include "reporting/reporting_fixture.h"
#include "trust/unpack/unpack.h"

namespace tegami::reporting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> kToReports{"dmarc-reports@b.test"};

class ReceiverTest : public ReportingWorld {
protected:
    /// A letter with one file of this name.
    static std::string letter_with(const std::string& octets, const std::string& name) {
        return "From: x@a.test\r\nSubject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
               "boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
               "filename=\"" +
               name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
               message::encode_transfer(octets, message::TransferEncoding::base64) + "\r\n--b--\r\n";
    }
};

TEST_F(ReceiverTest, AReportIsReadAndCountsOnce) {
    const std::string letter = build_dmarc_letter(report_about_us());
    EXPECT_EQ(deliver(letter, kToReports, domain("a.test")), "");
    EXPECT_THAT(told(), ElementsAre("report-kept b.test"));
    EXPECT_EQ(deliver(letter, {"DMARC-Reports@b.test"}), "");
    EXPECT_THAT(told(), ElementsAre("report-known b.test"));
    const DmarcTotals totals = overview().domains.at("b.test");
    EXPECT_EQ(totals.reports, 1U);
    EXPECT_EQ(totals.sums, (DmarcSums{.letters = 5, .passed = 3, .spf = 3, .rejected = 2}));
    EXPECT_THAT(totals.hosts, SizeIs(2));
    ASSERT_THAT(totals.reporters, SizeIs(1));
    EXPECT_EQ(totals.reporters.begin()->first, (Reporter{"A Inc.", "a.test"}));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(ReceiverTest, AnAccountOfThatNameGetsItToo) {
    const store::AccountId person = add_account("dmarc-reports@b.test");
    EXPECT_EQ(deliver(build_dmarc_letter(report_about_us()), kToReports), "");
    EXPECT_EQ(account(person)->quota().messages, 1U);
    EXPECT_EQ(overview().domains.at("b.test").reports, 1U);
}

TEST_F(ReceiverTest, OthersGetTheirCopies) {
    const store::AccountId person = add_account("anna@b.test");
    EXPECT_EQ(deliver(build_dmarc_letter(report_about_us()), {"anna@b.test", "dmarc-reports@b.test"}), "");
    EXPECT_EQ(account(person)->quota().messages, 1U);
    EXPECT_EQ(overview().domains.at("b.test").reports, 1U);
    EXPECT_EQ(deliver(letter_with("x", "a.txt"), {"anna@b.test", "tls-reports@b.test"}), "");
    EXPECT_EQ(account(person)->quota().messages, 2U);
}

TEST_F(ReceiverTest, WhatIsNoReportIsDroppedAndSaysWhy) {
    const auto gzipped = [](const std::string& octets) { return trust::gzip(octets); };
    DmarcLetter of_others = report_about_us();
    of_others.report.policy.domain = "elsewhere.test";
    DmarcLetter old = report_about_us();
    old.report.metadata.begin -= std::chrono::days(60);
    DmarcLetter to_come = report_about_us();
    to_come.report.metadata.begin += std::chrono::days(400);
    to_come.report.metadata.end += std::chrono::days(400);

    struct Row {
        std::string octets;
        std::string why;
    };

    for (const Row& row :
         {Row{"Subject: hello\r\n\r\nNo report.\r\n", "there is no report in it"},
          Row{letter_with(gzipped("no XML"), "r.xml.gz"), "it is not well-formed XML"},
          Row{letter_with(gzipped("<feedback/>"), "r.xml.gz"), "it is no report"},
          Row{letter_with(gzipped(std::string(20U << 20, ' ')), "r.xml.gz"), "it is too large"},
          Row{letter_with("PK\x03\x04 and so on", "r.zip"), "the archive is damaged"},
          Row{letter_with(gzipped("<!DOCTYPE x []><feedback/>"), "r.xml.gz"),
              "it has a document type, which reports do not have"},
          Row{build_dmarc_letter(of_others), "it is about elsewhere.test, which is no domain of this server"},
          Row{build_dmarc_letter(old), "it is about a time long ago, or to come"},
          Row{build_dmarc_letter(to_come), "it is about a time long ago, or to come"}}) {
        EXPECT_EQ(deliver(row.octets, kToReports), "");
        EXPECT_THAT(told(), ElementsAre("report-dropped " + row.why));
    }
    EXPECT_EQ(overview().domains.at("b.test").reports, 0U);
}

TEST_F(ReceiverTest, ArchivesWaitUntilAHelperUndoesThem) {
    extraction::Archives nobody(nullptr);
    Receiver alone({.store = store_,
                    .reports = reports_,
                    .journeys = journeys_,
                    .directory = directory_->administration(),
                    .archives = nobody,
                    .waiting = workers_,
                    .workers = workers_,
                    .clock = time_,
                    .log = log_},
                   {&dmarc_reader_});
    const auto take = [&](const std::string& octets) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store("", "j")).value();
        const auto outcome = run(alone.take({.blob = arrival.blob, .card = arrival.card, .journey = "j"}));
        return outcome ? "" : outcome.error().status;
    };
    EXPECT_EQ(take(build_dmarc_letter(report_about_us())), "4.3.0");
    EXPECT_EQ(overview().domains.at("b.test").reports, 0U);
    EXPECT_EQ(take(letter_with(dmarc::print_report(report_about_us().report), "r.xml")), "");
    EXPECT_EQ(overview().domains.at("b.test").reports, 1U) << "it is no archive";
}

TEST_F(ReceiverTest, WhateverCallFailsTheLetterIsTakenOrComesAgain) {
    const std::string letter = build_dmarc_letter(report_about_us());
    bool taken = false;
    for (std::uint64_t step = 1; !taken && step < 30; ++step) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(letter)));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store("", "j")).value();
        engine_.fail(store::MemoryEngine::Call::any, step, store::ErrorCode::unavailable);
        const auto outcome = run(receiver_.take({.blob = arrival.blob, .card = arrival.card, .journey = "j"}));
        engine_.clear_failures();
        taken = outcome.has_value();
        if (!taken) EXPECT_FALSE(outcome.error().permanent);
        EXPECT_EQ(overview().domains.at("b.test").reports, taken ? 1U : 0U);
    }
    EXPECT_TRUE(taken);
}

} // namespace
} // namespace tegami::reporting
