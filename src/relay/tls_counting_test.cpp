// RFC 8460 §4.3: what connections show about TLS is counted for the report to the domain, once for each connection.
#include "net/test_support.h"
#include "net/tlsa_fixture.h"
#include "relay/relay_fixture.h"
#include "relay/sts_fixture.h"

#include <fmt/format.h>

namespace tegami::relay {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

/// Nobody knows its authority. One for all tests: keys take their time.
const net::testing::TlsMaterial& unknown() {
    static const net::testing::TlsMaterial made;
    return made;
}

/// The certificate of mx.b.test is good for clients that know its authority.
class TlsCountingTest : public RelayTest {
protected:
    TlsCountingTest() : RelayTest(StsMaterial::get().client) {}

    void sign_zone() {
        for (const char* const name : {"b.test", "mx.b.test", "_25._tcp.mx.b.test"})
            resolver_.table.set_secure(name, true);
    }

    void publish_tlsa(dns::TlsaData data) {
        resolver_.table.add({.name = dns::Name::parse("_25._tcp.mx.b.test").value(),
                             .type = dns::Type::tlsa,
                             .ttl_seconds = 60,
                             .data = std::move(data)});
    }

    void publish_policy(std::string_view policy) {
        resolver_.table.add("_mta-sts.b.test", "TXT", "\"v=STSv1; id=1\"");
        resolver_.table.add("mta-sts.b.test", "A", "192.0.2.9");
        policies_.publish(policy);
    }

    std::vector<std::pair<reporting::TlsRow, std::uint64_t>> rows() {
        run(tally_.flush()).value();
        const store::TallyPlace place{.kind = store::TallyKind::tls,
                                      .day = std::chrono::floor<std::chrono::days>(time_.now()),
                                      .domain = "b.test"};
        std::vector<std::pair<reporting::TlsRow, std::uint64_t>> all;
        for (const store::TallyRow& row : run(tally_.rows(place, "")).value().rows)
            all.emplace_back(reporting::decode_tls_row("b.test", row.octets).value(), row.count);
        return all;
    }

    /// "tlsa 1", "sts certificate-expired 2".
    std::vector<std::string> words() {
        std::vector<std::string> all;
        for (const auto& [row, count] : rows())
            all.push_back(fmt::format("{}{} {}", describe(row.policy.type),
                                      row.failure ? fmt::format(" {}", describe(row.failure->type)) : "", count));
        return all;
    }

    void send_one() {
        send({"bob@b.test"});
        time_.run_for(seconds(5));
    }

    std::unique_ptr<Sink> mx_ = server("b.test", "192.0.2.2");
    StsServer policies_{&time_, &network_, "192.0.2.9"};
};

TEST_F(TlsCountingTest, WithoutAPolicyWhetherThereIsTls) {
    mx_->greeting = "220 sink.b.test ESMTP";
    send_one();
    EXPECT_THAT(words(), ElementsAre("no-policy-found starttls-not-supported 1"));
    const tls_report::FailureDetail failure = *rows().front().first.failure;
    EXPECT_EQ(failure.sending_address, "192.0.2.1");
    EXPECT_EQ(failure.receiving_host, "mx.b.test");
    EXPECT_EQ(failure.receiving_helo, "sink.b.test");
    EXPECT_EQ(failure.receiving_address, "192.0.2.2");
    EXPECT_THAT(mx_->taken, SizeIs(1));
}

TEST_F(TlsCountingTest, AConnectionCountsOnceHoweverManyLettersGoOverIt) {
    mx_->tls = unknown().server; // nobody knows its authority, and nobody asks
    for (int at = 0; at < 3; ++at)
        send_one();
    EXPECT_THAT(mx_->taken, SizeIs(3));
    EXPECT_EQ(mx_->connections, 1U);
    EXPECT_THAT(words(), ElementsAre("no-policy-found 1"));
}

TEST_F(TlsCountingTest, WithDane) {
    sign_zone();
    publish_tlsa(net::testing::tlsa_of(StsMaterial::get().folder.file("certificate.pem"), 0, 3, 1, 1));
    send_one();
    EXPECT_THAT(words(), ElementsAre("tlsa starttls-not-supported 1"));
    mx_->tls = unknown().server;
    time_.run_for(minutes(10));
    EXPECT_THAT(words(), Contains(StartsWith("tlsa certificate-not-trusted")));
    mx_->tls = StsMaterial::get().server;
    time_.run_for(minutes(30));
    EXPECT_THAT(mx_->taken, SizeIs(1));
    EXPECT_THAT(words(), Contains("tlsa 1"));
    const reporting::TlsRow row = rows().front().first;
    EXPECT_THAT(row.policy.hosts, ElementsAre("mx.b.test"));
    ASSERT_THAT(row.policy.texts, SizeIs(1));
    EXPECT_EQ(row.policy.texts.front().substr(0, 6), "3 1 1 ");
    EXPECT_EQ(row.policy.texts.front().size(), 6U + 64);
}

TEST_F(TlsCountingTest, WithDaneThatCannotBeUsedOrKnown) {
    sign_zone();
    publish_tlsa({.usage = 1, .selector = 1, .matching = 1, .association = std::string(32, 'x')});
    mx_->tls = StsMaterial::get().server;
    send_one();
    EXPECT_THAT(words(), ElementsAre("tlsa tlsa-invalid 1"));
    resolver_.table.fail("_25._tcp.mx.b.test", net::DnsStatus::bogus);
    time_.run_for(minutes(10)); // what was known is forgotten
    send_one();
    EXPECT_THAT(words(), UnorderedElementsAre("tlsa tlsa-invalid 1", "tlsa dnssec-invalid 1"));
}

TEST_F(TlsCountingTest, WithAPolicy) {
    struct Case {
        std::string policy;
        bool trusted;
        std::string expected;
    };

    const Case cases[] = {
        {StsServer::policy("enforce"), true, "sts 1"},
        {StsServer::policy("enforce"), false, "sts certificate-not-trusted 1"},
        {StsServer::policy("enforce", "other.b.test"), true, "sts validation-failure 1"},
        {StsServer::policy("testing"), true, "sts 1"},
        {StsServer::policy("testing"), false, "sts certificate-not-trusted 1"},
        {StsServer::policy("testing", "other.b.test"), true, "sts validation-failure 1"},
    };
    int id = 2;
    for (const Case& each : cases) {
        SCOPED_TRACE(each.policy);
        time_.run_for(std::chrono::days(1)); // the letter of before is given up
        resolver_.table.clear();
        resolver_.table.add("b.test", "MX", "10 mx.b.test");
        resolver_.table.add("mx.b.test", "A", "192.0.2.2");
        resolver_.table.add("mta-sts.b.test", "A", "192.0.2.9");
        resolver_.table.add("_mta-sts.b.test", "TXT", fmt::format("\"v=STSv1; id={}\"", id++));
        policies_.publish(each.policy);
        mx_->tls = each.trusted ? StsMaterial::get().server : unknown().server;
        store::QueuedMessage letter = message_to({"bob@b.test"});
        letter.message.expires = time_.now() + minutes(1);
        add(std::move(letter));
        time_.run_for(seconds(5));
        EXPECT_THAT(words(), ElementsAre(each.expected));
    }
}

TEST_F(TlsCountingTest, APolicyThatCannotBeFetched) {
    publish_policy("version: STSv1\r\n");
    mx_->tls = StsMaterial::get().server;
    send_one();
    EXPECT_THAT(words(), UnorderedElementsAre("no-policy-found 1", "sts sts-policy-invalid 1"));
    time_.run_for(minutes(70)); // the record is asked for again
    policies_.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    send_one();
    EXPECT_THAT(words(),
                UnorderedElementsAre("no-policy-found 2", "sts sts-policy-invalid 1", "sts sts-policy-fetch-error 1"));
    policies_.tls = unknown().server;
    time_.run_for(minutes(70));
    send_one();
    EXPECT_THAT(words(), Contains(StartsWith("sts sts-webpki-invalid")));
}

TEST_F(TlsCountingTest, AReportAboutTlsIsDeliveredWithoutItAndNotReportedOn) {
    sign_zone();
    publish_tlsa(net::testing::tlsa_of(StsMaterial::get().folder.file("certificate.pem"), 0, 3, 1, 1));
    store::QueuedMessage report = message_to({"tls@b.test"});
    report.message.tls_optional = true;
    add(std::move(report));
    time_.run_for(seconds(5));
    EXPECT_THAT(mx_->taken, SizeIs(1));
    EXPECT_THAT(words(), IsEmpty());
}

} // namespace
} // namespace tegami::relay
