// RFC 8460: reports about TLS, sent by letter and by POST, and those of others, kept and summed up.
#include "base/address_reach.h"
#include "net/test_support.h"
#include "reporting/reporting_fixture.h"
#include "reporting/tls_counter.h"
#include "reporting/tls_summary.h"
#include "reporting/tls_writer.h"
#include "trust/unpack/unpack.h"

#include <gmock/gmock.h>

namespace tegami::reporting {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using tls_report::PolicyType;
using tls_report::ResultType;

/// One for all tests: keys and the system's authorities take their time.
const net::testing::TlsMaterial& tls_material() {
    static const net::testing::TlsMaterial made;
    return made;
}

TlsRow failed_row(ResultType type) {
    return {.policy = {.type = PolicyType::tlsa, .texts = {"3 1 1 00"}, .domain = "a.test", .hosts = {"mx.a.test"}},
            .failure = tls_report::FailureDetail{.type = type,
                                                 .sending_address = "192.0.2.1",
                                                 .receiving_host = "mx.a.test",
                                                 .receiving_helo = "mx",
                                                 .receiving_address = "2001:db8::1",
                                                 .reason = "words"}};
}

TlsRow good_row() {
    TlsRow row = failed_row(ResultType::tlsa_invalid);
    row.failure.reset();
    return row;
}

TEST(TlsRows, AreReadBackWithinTheirLimits) {
    for (const TlsRow& row : {TlsRow{}, good_row(), failed_row(ResultType::sts_webpki_invalid)}) {
        TlsRow expected = row;
        expected.policy.domain = "a.test";
        const std::string octets = encode_tls_row(row);
        EXPECT_EQ(decode_tls_row("a.test", octets), expected);
        for (std::size_t size = 0; size < octets.size(); ++size)
            EXPECT_EQ(decode_tls_row("a.test", octets.substr(0, size)), std::nullopt);
        EXPECT_EQ(decode_tls_row("a.test", octets + "x"), std::nullopt);
    }
    TlsRow large = failed_row(ResultType::validation_failure);
    large.policy.texts.assign(1000, std::string(1000, 'x'));
    large.policy.hosts = large.policy.texts;
    large.failure->reason = std::string(1000, 'x');
    EXPECT_LE(encode_tls_row(large).size(), store::kTallyRowBytesMax);
    EXPECT_EQ(decode_tls_row("a.test", encode_tls_row(large))->policy.texts.size(), kTlsRowTextsMax);
}

async::Awaitable<> take_posts(net::Listener* listener, async::VirtualTime* time,
                              std::shared_ptr<const net::TlsServerContext> tls, std::string answer,
                              std::vector<std::string>* heard) {
    for (;;) {
        auto stream = co_await listener->accept(time->executor());
        if (!stream) co_return;
        const auto shaken = co_await (*stream)->start_tls(tls);
        if (!shaken) continue;
        std::string request(8192, '\0');
        const auto got = co_await (*stream)->read_some(request.data(), request.size());
        if (!got) continue;
        heard->push_back(request.substr(0, *got));
        const auto written = co_await (*stream)->write_all(answer);
        if (written) co_await (*stream)->finish();
    }
}

/// What is not inside may be reached, documents' addresses too.
bool is_outside(const IpAddress& address) {
    return reach_of(address) != Reach::inside;
}

/// A server b.test that counts connections to a.test, on virtual time.
class TlsReportsTest : public ReportingWorld {
protected:
    ReportWriter& writer() override { return tls_writer_; }

    void ask(const std::string& rua) {
        resolver_.clear();
        resolver_.add("r.a.test", "A", "192.0.2.9");
        resolver_.add("_smtp._tls.a.test", "TXT", "\"v=TLSRPTv1; rua=" + rua + "\"");
    }

    std::vector<store::TallySum> counted(std::chrono::sys_days day) {
        return run(tally_.sums(store::TallyKind::tls, day, "")).value();
    }

    TlsOverview overview() {
        return run(tls_overview(&engine_, {"b.test"}, today() - std::chrono::days(20), today())).value();
    }

    /// A report of a.test about b.test.
    tls_report::TlsReport about_us() const {
        return {.organization = "A Inc.",
                .contact = "tls@a.test",
                .id = "1@a.test",
                .begin = today() - kDay,
                .end = today(),
                .policies = {
                    {.policy = {.type = PolicyType::sts, .texts = {}, .domain = "B.test", .hosts = {}},
                     .succeeded = 7,
                     .failed = 3,
                     .failures = {
                         {.type = ResultType::certificate_expired, .receiving_host = "mail.b.test", .sessions = 3}}}}};
    }

    /// Takes a letter as from a stranger; what became of the report, by the letter's journey.
    std::vector<std::string> deliver(const std::string& octets, std::vector<message::Domain> signers) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        const std::string journey = journeys_.new_journey();
        delivery::Transaction letter{.arrival = run(intake.store("", journey)).value(), .signers = std::move(signers)};
        letter.journey = journey;
        letter.recipients.push_back({.address = testing::address("tls-reports@b.test"), .for_server = true});
        EXPECT_TRUE(run(delivery_.accept(std::move(letter))).front().has_value());
        run(journeys_.flush()).value();
        std::vector<std::string> told;
        for (const store::JourneyEvent& event : run(journeys_.events(journey)).value())
            told.push_back(event.kind + " " + event.fields.front().value);
        return told;
    }

    /// What a server at this address, which has the name that the certificate is for, hears of the report of a day.
    std::vector<std::string> posted_to(const char* text) {
        const IpAddress server = IpAddress::parse(text).value();
        resolver_.add("mail.b.test", "A", text);
        resolver_.add("_smtp._tls.a.test", "TXT", "\"v=TLSRPTv1; rua=https://mail.b.test/in?x=1\"");
        auto listener = network_.host(server).listen({server, 443}, time_.executor()).value();
        std::vector<std::string> heard;
        async::TaskGroup tasks(time_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; });
        tasks.spawn("server", take_posts(listener.get(), &time_, tls_material().server,
                                         "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", &heard));
        tls_counter_.count("a.test", good_row());
        run_past_the_day();
        tasks.cancel();
        run(tasks.join());
        return heard;
    }

    std::string letter_about_us() const {
        return build_tls_letter({.report = about_us(),
                                 .about = domain("b.test"),
                                 .from = testing::address("tls@a.test"),
                                 .to = {testing::address("tls-reports@b.test")}});
    }

    net::SimulatedNetwork network_{&time_};
    TlsWriter tls_writer_{{.tally = tally_,
                           .reports = reports_,
                           .mailer = mailer_,
                           .resolver = resolver_,
                           .network = network_.host(IpAddress::parse("192.0.2.1").value()),
                           .tls = tls_material().trusting,
                           .workers = workers_,
                           .timers = time_,
                           .log = log_,
                           .may_reach = is_outside},
                          domain("mail.b.test")};
    TlsCounter tls_counter_{tally_};
};

TEST_F(TlsReportsTest, WhatWasCountedIsSentToWhereTheDomainAsks) {
    ask("mailto:tls@a.test");
    const auto day = today();
    for (int at = 0; at < 5; ++at)
        tls_counter_.count("a.test", good_row());
    for (int at = 0; at < 2; ++at)
        tls_counter_.count("a.test", failed_row(ResultType::certificate_expired));
    tls_counter_.count("a.test", {.policy = {}});
    tls_counter_.count("silent.test", good_row());
    tls_counter_.count("[192.0.2.2]", good_row());
    run_past_the_day();
    ASSERT_THAT(queued(), SizeIs(1));
    const store::QueueMessage head = queued().front().message;
    EXPECT_TRUE(head.tls_optional);
    EXPECT_EQ(head.reverse_path, std::nullopt);
    const std::string octets = run(store_.read_blob(head.blob.id, head.content_from, head.blob.size)).value();
    const auto begin = std::to_string(std::chrono::sys_seconds(day).time_since_epoch().count());
    EXPECT_THAT(octets, AllOf(HasSubstr("To: tls@a.test\r\n"), HasSubstr("TLS-Report-Domain: a.test\r\n"),
                              HasSubstr("TLS-Report-Submitter: b.test\r\n"),
                              HasSubstr("Report Domain: a.test Submitter: b.test"),
                              HasSubstr("multipart/report; report-type=\"tlsrpt\""),
                              HasSubstr("\"b.test!a.test!" + begin + "!")));
    const message::Structure structure = message::parse_structure(octets);
    const message::Part& file = structure.root.children.at(1);
    EXPECT_TRUE(file.content_type.is("application", "tlsrpt+gzip"));
    const std::string packed =
        message::decode_transfer(octets.substr(file.body_offset, file.body_length), file.encoding);
    const auto report = tls_report::read_report(archives_.unpack(packed).value().value());
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->organization, "mail.b.test");
    EXPECT_EQ(report->contact, "postmaster@b.test");
    EXPECT_EQ(report->begin, day);
    EXPECT_EQ(report->end, day + kDay - std::chrono::seconds(1));
    tls_report::FailureDetail detail = *failed_row(ResultType::certificate_expired).failure;
    detail.sessions = 2;
    const tls_report::PolicyResult none{.policy = {.domain = "a.test"}, .succeeded = 1};
    const tls_report::PolicyResult tlsa{.policy = good_row().policy, .succeeded = 5, .failed = 2, .failures = {detail}};
    EXPECT_THAT(report->policies, ElementsAre(none, tlsa));
    EXPECT_THAT(counted(day), IsEmpty());
    ASSERT_THAT(overview().sent, SizeIs(1));
    EXPECT_EQ(overview().sent.front().report.count, 8U);
    EXPECT_EQ(overview().sent.front().report.to, "tls@a.test");
}

TEST_F(TlsReportsTest, AReportIsPostedToAServerThatProvesItsName) {
    const std::vector<std::string> heard = posted_to("192.0.2.9");
    ASSERT_THAT(heard, SizeIs(1));
    EXPECT_THAT(heard.front(),
                AllOf(StartsWith("POST /in?x=1 HTTP/1.1\r\n"), HasSubstr("Content-Type: application/tlsrpt+gzip\r\n")));
    const std::string posted = heard.front().substr(heard.front().find("\r\n\r\n") + 4);
    const auto report = tls_report::read_report(archives_.unpack(posted).value().value());
    ASSERT_TRUE(report.has_value());
    EXPECT_THAT(report->policies, SizeIs(1));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(overview().sent.at(0).report.to, "https://mail.b.test/in?x=1");
}

TEST_F(TlsReportsTest, NothingIsPostedToAServerInside) {
    EXPECT_THAT(posted_to("10.0.0.9"), IsEmpty());
    EXPECT_THAT(overview().sent, IsEmpty());
}

TEST_F(TlsReportsTest, WhatNobodyTakesIsTriedForThreeDays) {
    ask("https://r.a.test/"); // nobody listens there
    const auto day = today();
    tls_counter_.count("a.test", good_row());
    run_past_the_day();
    EXPECT_THAT(counted(day), SizeIs(1));
    resolver_.fail("_smtp._tls.a.test", net::DnsStatus::server_failure);
    run_daily(kReportRetry + kReportRound);
    EXPECT_THAT(counted(day), SizeIs(1));
    run_daily(Duration(kReportPatience));
    EXPECT_THAT(counted(day), IsEmpty());
    EXPECT_THAT(overview().sent, IsEmpty());
}

TEST_F(TlsReportsTest, AReportOfOthersIsKeptOnceIfItsLetterIsSigned) {
    EXPECT_THAT(deliver(letter_about_us(), {}), ElementsAre(StartsWith("report-dropped its letter has no good")));
    EXPECT_THAT(deliver(letter_about_us(), {domain("a.test")}), ElementsAre("report-kept b.test"));
    EXPECT_THAT(deliver(letter_about_us(), {domain("a.test")}), ElementsAre("report-known b.test"));
    const TlsTotals totals = overview().domains.at("b.test");
    EXPECT_EQ(totals.reports, 1U);
    EXPECT_EQ(totals.succeeded, 7U);
    EXPECT_EQ(totals.failed, 3U);
    ASSERT_THAT(totals.failures, SizeIs(1));
    EXPECT_EQ(totals.failures.begin()->first, (TlsFailure{ResultType::certificate_expired, "mail.b.test", ""}));
    EXPECT_EQ(totals.failures.begin()->second, 3U);
    EXPECT_EQ(totals.reporters.begin()->first, (Reporter{"A Inc.", "a.test"}));
}

TEST_F(TlsReportsTest, WhatIsKeptOfAReportHasItsLimits) {
    tls_report::TlsReport large = about_us();
    large.organization = std::string(10'000, 'x');
    auto& failures = large.policies.front().failures;
    for (int at = 0; at < 1000; ++at)
        failures.push_back({.receiving_host = std::to_string(at) + std::string(300, 'h'),
                            .reason = std::string(300, 'r'),
                            .sessions = static_cast<std::uint64_t>(at)});
    const TlsSummary summary = summarize(large).at("b.test");
    EXPECT_THAT(summary.failures, SizeIs(kTlsFailuresKept));
    EXPECT_EQ(summary.failures.front().second, 999U);
    const std::string octets = encode_tls_summary(summary);
    EXPECT_LE(octets.size(), store::kKeptReportBytesMax);
    EXPECT_EQ(decode_tls_summary(octets), summary);
    EXPECT_EQ(decode_tls_summary(octets + "x"), std::nullopt);
}

} // namespace
} // namespace tegami::reporting
