// What a domain promises about TLS decides which of its servers gets a letter, and when none may have it, it waits.
#include "net/test_support.h"
#include "net/tlsa_fixture.h"
#include "relay/relay_fixture.h"
#include "relay/sts_fixture.h"

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

tls_policy::StsPolicy policy_of(tls_policy::StsMode mode, std::string_view mx) {
    return {.mode = mode, .max_age = seconds(1), .mx = {{.any_label = false, .name = *dns::Name::parse(mx)}}};
}

// RFC 8461 §2: DANE stands first; RFC 8461 §4: the policy's hosts and certificates.
TEST(TlsDemandOf, WhatIsAskedOfAServer) {
    using enum TlsDemand::Kind;
    using tls_policy::DaneOutcome;
    using tls_policy::StsMode;

    struct Row {
        DaneOutcome dane;
        bool mx_secure;
        std::optional<StsMode> mode;
        const char* mx;
        std::optional<TlsDemand::Kind> kind; ///< nothing: passed over
        bool listed = true;
    };

    const std::optional<StsMode> no_policy;
    for (const Row& row : {
             Row{DaneOutcome::none, false, no_policy, "", opportunistic},
             Row{DaneOutcome::none, true, no_policy, "", opportunistic},
             Row{DaneOutcome::authenticate, false, no_policy, "", dane},
             Row{DaneOutcome::encrypt, true, no_policy, "", encrypted},
             Row{DaneOutcome::lookup_failed, true, no_policy, "", std::nullopt},
             Row{DaneOutcome::none, false, StsMode::enforce, "mx.b.test", sts},
             Row{DaneOutcome::none, true, StsMode::enforce, "mx.b.test", sts},
             Row{DaneOutcome::none, true, StsMode::enforce, "other.b.test", std::nullopt},
             Row{DaneOutcome::none, false, StsMode::testing, "mx.b.test", sts_testing},
             Row{DaneOutcome::none, false, StsMode::testing, "other.b.test", sts_testing, false},
             Row{DaneOutcome::authenticate, true, StsMode::enforce, "mx.b.test", dane},
             Row{DaneOutcome::authenticate, true, StsMode::enforce, "other.b.test", dane},
             Row{DaneOutcome::authenticate, false, StsMode::enforce, "mx.b.test", dane},
             Row{DaneOutcome::authenticate, false, StsMode::enforce, "other.b.test", std::nullopt},
             Row{DaneOutcome::lookup_failed, false, StsMode::enforce, "mx.b.test", std::nullopt},
             Row{DaneOutcome::authenticate, false, StsMode::testing, "other.b.test", dane},
         }) {
        SCOPED_TRACE(::testing::Message() << static_cast<int>(row.dane) << row.mx_secure << row.mx);
        ServerFacts facts{.dane = {.outcome = row.dane}, .mx_secure = row.mx_secure};
        if (row.dane == DaneOutcome::authenticate || row.dane == DaneOutcome::encrypt)
            facts.dane.names = {*dns::Name::parse("base.b.test"), *dns::Name::parse("b.test")};
        const auto policy = row.mode ? std::optional(policy_of(*row.mode, row.mx)) : std::nullopt;
        const auto demand = demand_of("mx.b.test", facts, policy);
        ASSERT_EQ(demand.has_value(), row.kind.has_value());
        if (!demand) continue;
        EXPECT_EQ(demand->kind, *row.kind);
        EXPECT_EQ(demand->listed, row.listed);
        EXPECT_EQ(demand->server_name, facts.dane.names.empty() ? "mx.b.test" : "base.b.test");
    }
}

/// b.test in a zone that nobody signs, with a policy.
class StsDemandTest : public RelayTest {
protected:
    StsDemandTest() : RelayTest(StsMaterial::get().client) {
        resolver_.table.add("_mta-sts.b.test", "TXT", "\"v=STSv1; id=1\"");
        resolver_.table.add("mta-sts.b.test", "A", "192.0.2.9");
        policies_.publish(StsServer::policy("enforce"));
    }

    std::string last_reply() { return queued().at(0).items.at(0).recipients.at(0).last_reply; }

    std::unique_ptr<Sink> mx_ = server("b.test", "192.0.2.2");
    StsServer policies_{&time_, &network_, "192.0.2.9"};
};

TEST_F(StsDemandTest, AServerThatAuthoritiesProveGetsTheLettersOverOneConnection) {
    mx_->tls = StsMaterial::get().server;
    for (int i = 0; i < 2; ++i) {
        send({"bob@b.test"});
        time_.run_for(seconds(2));
    }
    EXPECT_THAT(mx_->taken, SizeIs(2));
    EXPECT_EQ(mx_->connections, 1u);
    EXPECT_EQ(policies_.connections, 1u);
}

TEST_F(StsDemandTest, AServerWithoutTlsOrWithAnotherCertificateGetsNothing) {
    send({"bob@b.test"});
    time_.run_for(seconds(10));
    EXPECT_EQ(last_reply(),
              "4.7.10 mx.b.test does not offer TLS (STARTTLS). Its domain promises TLS (MTA-STS), so nothing "
              "is sent without it");
    mx_->tls = material().server;
    time_.run_for(minutes(10));
    EXPECT_THAT(last_reply(), HasSubstr("no authority that this server trusts has signed the certificate"));
    EXPECT_THAT(mx_->taken, IsEmpty());
    EXPECT_THAT(mx_->commands, Not(Contains(HasSubstr("MAIL"))));
    mx_->tls = StsMaterial::get().server;
    time_.run_for(minutes(30));
    EXPECT_THAT(mx_->taken, SizeIs(1));
}

TEST_F(StsDemandTest, AServerThatThePolicyDoesNotNameIsNotAsked) {
    mx_->tls = StsMaterial::get().server;
    policies_.publish(StsServer::policy("enforce", "*.mx.b.test"));
    send({"bob@b.test"});
    time_.run_for(seconds(10));
    EXPECT_EQ(mx_->connections, 0u);
    EXPECT_EQ(last_reply(), "4.7.10 mx.b.test is not one of the servers that the policy of its domain names (MTA-STS)");
}

TEST_F(StsDemandTest, APolicyThatIsTestedHoldsUpNothing) {
    for (const char* const mx : {"mx.b.test", "other.b.test"}) {
        policies_.publish(StsServer::policy("testing", mx, 0));
        send({"bob@b.test"});
        time_.run_for(minutes(10));
    }
    EXPECT_THAT(mx_->taken, SizeIs(2));
}

} // namespace
} // namespace tegami::relay
