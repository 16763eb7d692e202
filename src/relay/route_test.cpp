// RFC 5321 §5.1: where mail for a domain goes.
#include "async/virtual_time.h"
#include "net/simulated_resolver.h"
#include "relay/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tegami::relay {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class RouteTest : public ::testing::Test {
protected:
    /// "host address" of each server, in the order of trying.
    Result<std::vector<std::string>, NoRoute> find(std::string_view domain) {
        Route route(resolver_, time_.random(), time_,
                    {.domain = message::Domain::parse(domain).value(), .own_host_name = "mail.a.test", .port = 25},
                    known_);
        std::vector<std::string> all;
        for (;;) {
            const auto target = time_.run(route.next());
            if (!target) return failure(target.error());
            known_ = route.known();
            if (!*target) return all;
            EXPECT_EQ((*target)->endpoint.port, 25);
            all.push_back((*target)->host + " " + (*target)->endpoint.address.to_string());
        }
    }

    std::vector<std::string> targets(std::string_view domain) {
        const auto found = find(domain);
        return found ? *found : std::vector<std::string>{"no route: " + found.error().text};
    }

    NoRoute failure_of(std::string_view domain) {
        known_.reset();
        const auto found = find(domain);
        EXPECT_FALSE(found.has_value());
        return found ? NoRoute{} : found.error();
    }

    std::shared_ptr<KnownRoute> known_;
    async::VirtualTime time_{7};
    net::SimulatedResolver resolver_{&time_};
};

TEST_F(RouteTest, PreferenceOrderAndIpv6First) {
    resolver_.add("b.test", "MX", "20 second.b.test");
    resolver_.add("b.test", "MX", "10 first.b.test");
    resolver_.add("first.b.test", "A", "192.0.2.10");
    resolver_.add("first.b.test", "AAAA", "2001:db8::10");
    resolver_.add("second.b.test", "A", "192.0.2.20");
    EXPECT_THAT(targets("b.test"),
                ElementsAre("first.b.test 2001:db8::10", "first.b.test 192.0.2.10", "second.b.test 192.0.2.20"));
}

TEST_F(RouteTest, EqualPreferenceIsDrawnEachTime) {
    resolver_.add("b.test", "MX", "10 one.b.test");
    resolver_.add("b.test", "MX", "10 two.b.test");
    resolver_.add("b.test", "MX", "5 best.b.test");
    resolver_.add("one.b.test", "A", "192.0.2.1");
    resolver_.add("two.b.test", "A", "192.0.2.2");
    resolver_.add("best.b.test", "A", "192.0.2.3");
    std::set<std::vector<std::string>> orders;
    for (int round = 0; round < 50; ++round) {
        orders.insert(targets("b.test"));
        EXPECT_EQ(orders.begin()->front(), "best.b.test 192.0.2.3");
    }
    EXPECT_THAT(orders, SizeIs(2));
}

TEST_F(RouteTest, WithoutMxTheDomainsOwnAddress) {
    resolver_.add("b.test", "A", "192.0.2.5");
    EXPECT_THAT(targets("b.test"), ElementsAre("b.test 192.0.2.5"));
}

TEST_F(RouteTest, WithMxTheDomainsOwnAddressDoesNotCount) {
    resolver_.add("b.test", "A", "192.0.2.5");
    resolver_.add("b.test", "MX", "10 gone.b.test");
    const NoRoute none = failure_of("b.test");
    EXPECT_TRUE(none.permanent);
    EXPECT_EQ(none.status, "5.4.4");
}

TEST_F(RouteTest, NullMxMeansNoMail) {
    resolver_.add("b.test", "MX", "0 .");
    resolver_.add("b.test", "A", "192.0.2.5");
    const NoRoute none = failure_of("b.test");
    EXPECT_TRUE(none.permanent);
    EXPECT_EQ(none.status, "5.1.10");
}

/// What stands in the DNS of real domains beside a server, or instead of one.
TEST_F(RouteTest, ExchangersThatLeadNowhere) {
    resolver_.add("six.test", "MX", "10 mail.six.test");
    resolver_.add("mail.six.test", "AAAA", "2001:db8::6");
    EXPECT_THAT(targets("six.test"), ElementsAre("mail.six.test 2001:db8::6"));
    resolver_.add("mail.b.test", "A", "192.0.2.6");
    for (const std::string nowhere : {"0 .", "5 192.0.2.7", "5 nowhere.b.test"}) {
        const std::string domain = "b" + std::to_string(nowhere.size()) + ".test";
        resolver_.add(domain, "MX", nowhere);
        resolver_.add(domain, "MX", "10 mail.b.test");
        known_.reset();
        EXPECT_THAT(targets(domain), ElementsAre("mail.b.test 192.0.2.6")) << nowhere;
    }
    resolver_.add("numbers.test", "MX", "10 192.0.2.7");
    EXPECT_EQ(failure_of("numbers.test").status, "5.4.4");
}

TEST_F(RouteTest, AliasOfADomainIsFollowed) {
    resolver_.add("www.b.test", "CNAME", "b.test");
    resolver_.add("b.test", "MX", "10 mail.b.test");
    resolver_.add("mail.b.test", "A", "192.0.2.6");
    EXPECT_THAT(targets("www.b.test"), ElementsAre("mail.b.test 192.0.2.6"));
}

TEST_F(RouteTest, AliasOfAnExchangerIsFollowed) {
    resolver_.add("b.test", "MX", "10 alias.b.test");
    resolver_.add("alias.b.test", "CNAME", "mail.b.test");
    resolver_.add("mail.b.test", "A", "192.0.2.6");
    EXPECT_THAT(targets("b.test"), ElementsAre("alias.b.test 192.0.2.6"));
}

TEST_F(RouteTest, DomainThatDoesNotExist) {
    const NoRoute none = failure_of("nowhere.test");
    EXPECT_TRUE(none.permanent);
    EXPECT_EQ(none.status, "5.1.2");
}

TEST_F(RouteTest, DomainWithNothingThatTakesMail) {
    resolver_.add("b.test", "TXT", "\"words\"");
    const NoRoute none = failure_of("b.test");
    EXPECT_TRUE(none.permanent);
    EXPECT_EQ(none.status, "5.4.4");
}

TEST_F(RouteTest, FaultsOfTheDnsAreTemporary) {
    resolver_.add("b.test", "MX", "10 mail.b.test");
    resolver_.add("mail.b.test", "A", "192.0.2.6");
    for (const char* name : {"b.test", "mail.b.test"}) {
        for (const net::DnsStatus status :
             {net::DnsStatus::server_failure, net::DnsStatus::timed_out, net::DnsStatus::bogus}) {
            resolver_.fail(name, status);
            const NoRoute none = failure_of("b.test");
            EXPECT_FALSE(none.permanent);
            EXPECT_EQ(none.status, "4.4.3");
            resolver_.forget_failure(name);
        }
    }
    known_.reset();
    EXPECT_TRUE(find("b.test").has_value());
}

TEST_F(RouteTest, OneExchangerThatCannotBeLookedUpDoesNotHoldTheOthersUp) {
    resolver_.add("b.test", "MX", "10 one.b.test");
    resolver_.add("b.test", "MX", "20 two.b.test");
    resolver_.add("two.b.test", "A", "192.0.2.2");
    resolver_.fail("one.b.test", net::DnsStatus::timed_out);
    EXPECT_THAT(targets("b.test"), ElementsAre("two.b.test 192.0.2.2"));
}

TEST_F(RouteTest, AddressLiteralNeedsNoDns) {
    EXPECT_THAT(targets("[192.0.2.9]"), ElementsAre("[192.0.2.9] 192.0.2.9"));
    known_.reset();
    EXPECT_THAT(targets("[IPv6:2001:db8::9]"), ElementsAre("[ipv6:2001:db8::9] 2001:db8::9"));
}

TEST_F(RouteTest, OurselvesAndWhatIsNotPreferredToUsIsLeftOut) {
    resolver_.add("b.test", "MX", "10 best.b.test");
    resolver_.add("b.test", "MX", "20 MAIL.a.test");
    resolver_.add("b.test", "MX", "20 equal.b.test");
    resolver_.add("b.test", "MX", "30 worse.b.test");
    for (const char* host : {"best.b.test", "mail.a.test", "equal.b.test", "worse.b.test"})
        resolver_.add(host, "A", "192.0.2.2");
    EXPECT_THAT(targets("b.test"), ElementsAre("best.b.test 192.0.2.2"));
}

TEST_F(RouteTest, OurselvesAsTheBestIsAMistakeInTheDns) {
    resolver_.add("b.test", "MX", "10 mail.a.test");
    resolver_.add("b.test", "MX", "20 other.b.test");
    resolver_.add("other.b.test", "A", "192.0.2.2");
    const NoRoute none = failure_of("b.test");
    EXPECT_TRUE(none.permanent);
    EXPECT_EQ(none.status, "5.4.6");
}

TEST_F(RouteTest, NumbersOfExchangersAndAddressesAreLimited) {
    for (int host = 0; host < 30; ++host) {
        const std::string name = "m" + std::to_string(host) + ".b.test";
        resolver_.add("b.test", "MX", std::to_string(host) + " " + name);
        for (int address = 0; address < 3; ++address)
            resolver_.add(name, "A", "192.0." + std::to_string(host) + "." + std::to_string(address + 1));
    }
    const std::vector<std::string> all = targets("b.test");
    EXPECT_THAT(all, SizeIs(kTargetsMax));
    EXPECT_TRUE(all.front().starts_with("m0.b.test "));
    std::set<std::string> hosts;
    for (const std::string& target : all)
        hosts.insert(target.substr(0, target.find(' ')));
    EXPECT_LE(hosts.size(), kExchangersMax);
}

TEST_F(RouteTest, AnswersAreKeptForTheirTime) {
    resolver_.add("b.test", "MX", "10 mail.b.test");
    resolver_.add("mail.b.test", "A", "192.0.2.6");
    EXPECT_THAT(targets("b.test"), ElementsAre("mail.b.test 192.0.2.6"));
    resolver_.fail("b.test", net::DnsStatus::timed_out);
    resolver_.fail("mail.b.test", net::DnsStatus::timed_out);
    EXPECT_THAT(targets("b.test"), ElementsAre("mail.b.test 192.0.2.6"));
    time_.run_for(kAnswerTimeMax);
    EXPECT_FALSE(find("b.test").has_value());
}

TEST_F(RouteTest, BothKindsOfAddressesAreAskedForAtOnce) {
    net::SimulatedResolver slow(&time_, std::chrono::seconds(1));
    slow.add("b.test", "A", "192.0.2.5");
    Route route(slow, time_.random(), time_,
                {.domain = message::Domain::parse("b.test").value(), .own_host_name = "mail.a.test"});
    const Instant begin = time_.instant();
    EXPECT_TRUE(time_.run(route.next()).has_value());
    EXPECT_LT(time_.instant() - begin, std::chrono::milliseconds(2500)) << "MX, then A and AAAA";
}

// RFC 7672 §2.2: with each server comes what the DNS has proven of its certificate.
TEST_F(RouteTest, TlsaRecordsComeWithTheServersAndAsLongAsTheyCount) {
    const std::string key = "3 1 1 " + std::string(64, 'a');
    for (const char* const host : {"one.b.test", "two.b.test", "three.b.test"}) {
        resolver_.add("b.test", "MX", std::string(host) == "one.b.test" ? "10 one.b.test" : "20 " + std::string(host));
        resolver_.add(host, "A", "192.0.2.1");
        resolver_.add(host, "AAAA", "2001:db8::1");
        resolver_.add("_25._tcp." + std::string(host), "TLSA", key);
        resolver_.set_secure(host, std::string(host) != "three.b.test");
        resolver_.set_secure("_25._tcp." + std::string(host), true);
    }
    resolver_.fail("_25._tcp.two.b.test", net::DnsStatus::bogus);
    Route route(resolver_, time_.random(), time_,
                {.domain = message::Domain::parse("b.test").value(), .own_host_name = "mail.a.test", .port = 25});
    std::map<std::string, std::vector<tls_policy::DaneOutcome>> outcomes;
    for (;;) {
        const auto target = time_.run(route.next()).value();
        if (!target) break;
        outcomes[target->host].push_back(target->facts.dane.outcome);
    }
    using enum tls_policy::DaneOutcome;
    EXPECT_THAT(outcomes["one.b.test"], ElementsAre(authenticate, authenticate));
    EXPECT_THAT(outcomes["two.b.test"], ElementsAre(lookup_failed));
    EXPECT_THAT(outcomes["three.b.test"], ElementsAre(none, none));
    EXPECT_FALSE(route.complete());
    const KnownRoute& known = *route.known();
    EXPECT_TRUE(known.facts_of("one.b.test", time_.instant()));
    EXPECT_FALSE(known.facts_of("two.b.test", time_.instant()));
    EXPECT_FALSE(known.facts_of("one.b.test", time_.instant() + std::chrono::seconds(301)));
}

} // namespace
} // namespace tegami::relay
