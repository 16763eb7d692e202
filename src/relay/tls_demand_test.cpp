// What a domain promises about TLS decides which of its servers gets a letter, and when none may have it, it waits.
#include "net/test_support.h"
#include "net/tlsa_fixture.h"
#include "relay/relay_fixture.h"

namespace tegami::relay {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// One for all tests: keys and the system's authorities take their time.
const net::testing::TlsMaterial& material() {
    static const net::testing::TlsMaterial made;
    return made;
}

/// b.test in a signed zone, with mx.b.test and a TLSA record for the certificate of material().
class TlsDemandTest : public RelayTest {
protected:
    TlsDemandTest() : RelayTest(material().opportunistic) {
        resolver_.table.set_secure("b.test", true);
        resolver_.table.set_secure("mx.b.test", true);
        resolver_.table.set_secure("_25._tcp.mx.b.test", true);
        publish(net::testing::tlsa_of(material().folder.file("certificate.pem"), 0, 3, 1, 1));
    }

    void publish(dns::TlsaData data) {
        resolver_.table.add({.name = dns::Name::parse("_25._tcp.mx.b.test").value(),
                             .type = dns::Type::tlsa,
                             .ttl_seconds = 60,
                             .data = std::move(data)});
    }

    std::string last_reply() { return queued().at(0).items.at(0).recipients.at(0).last_reply; }

    std::unique_ptr<Sink> mx_ = server("b.test", "192.0.2.2");
};

TEST_F(TlsDemandTest, AProvenServerGetsTheLettersOverOneConnection) {
    mx_->tls = material().server;
    send({"bob@b.test"});
    time_.run_for(seconds(2));
    send({"bob@b.test"});
    time_.run_for(seconds(2));
    EXPECT_THAT(mx_->taken, SizeIs(2));
    EXPECT_EQ(mx_->connections, 1u);
}

TEST_F(TlsDemandTest, WhatIsPublishedLaterCountsForAConnectionThatWaits) {
    mx_->tls = material().server;
    send({"bob@b.test"});
    time_.run_for(seconds(2));
    for (int i = 0; i < 16; ++i) { // the connection stays in use while the record's TTL passes
        send({"bob@b.test"});
        time_.run_for(seconds(4));
    }
    EXPECT_THAT(mx_->taken, SizeIs(17));
    EXPECT_EQ(mx_->connections, 2u);
}

TEST_F(TlsDemandTest, AServerThatHidesStarttlsGetsNothingUntilItShowsIt) {
    send({"bob@b.test"});
    time_.run_for(seconds(10));
    EXPECT_THAT(mx_->taken, IsEmpty());
    EXPECT_THAT(mx_->commands, Not(Contains(HasSubstr("MAIL"))));
    EXPECT_EQ(last_reply(),
              "4.7.10 mx.b.test does not offer TLS (STARTTLS). Its domain promises TLS (DANE), so nothing is "
              "sent without it");
    mx_->tls = material().server;
    time_.run_for(minutes(10));
    EXPECT_THAT(mx_->taken, SizeIs(1));
}

TEST_F(TlsDemandTest, TlsaRecordsThatCannotBeKnownKeepTheLetterHere) {
    mx_->tls = material().server;
    for (const net::DnsStatus status : {net::DnsStatus::bogus, net::DnsStatus::server_failure}) {
        resolver_.table.fail("_25._tcp.mx.b.test", status);
        send({"bob@b.test"});
        time_.run_for(seconds(10));
        EXPECT_EQ(mx_->connections, 0u);
        EXPECT_THAT(last_reply(), HasSubstr("its TLSA records cannot be looked up or are forged"));
    }
    resolver_.table.forget_failure("_25._tcp.mx.b.test");
    time_.run_for(minutes(10));
    EXPECT_THAT(mx_->taken, SizeIs(2));
}

TEST_F(TlsDemandTest, AnotherServerOfTheDomainGetsItWithoutTlsIfItPromisesNone) {
    resolver_.table.add("b.test", "MX", "20 second.b.test");
    resolver_.table.add("second.b.test", "A", "192.0.2.3");
    Sink second(&time_, &network_, "192.0.2.3");
    send({"bob@b.test"});
    time_.run_for(seconds(10));
    EXPECT_THAT(mx_->taken, IsEmpty());
    EXPECT_THAT(second.taken, SizeIs(1));
}

TEST_F(TlsDemandTest, AStrangersRefusalInTheClearMakesNobodyGiveUp) {
    mx_->greeting = "554 5.7.1 nobody here";
    send({"bob@b.test"});
    time_.run_for(seconds(10));
    EXPECT_EQ(queued().at(0).items.at(0).recipients.at(0).state, store::RecipientState::deferred);
}

} // namespace
} // namespace tegami::relay
