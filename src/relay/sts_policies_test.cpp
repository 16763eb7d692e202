// RFC 8461 §3.3, §5.1: when a policy is fetched, what counts as one, and how long it is kept.
#include "base/address_reach.h"
#include "net/simulated_resolver.h"
#include "relay/sts_fixture.h"
#include "relay/sts_policies.h"
#include "store/engine/memory.h"

#include <fmt/format.h>

#include <gmock/gmock.h>

namespace tegami::relay {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using tls_policy::StsMode;

/// What is not inside may be reached, documents' addresses too.
bool is_outside(const IpAddress& address) {
    return reach_of(address) != Reach::inside;
}

class StsPoliciesTest : public ::testing::Test {
protected:
    StsPoliciesTest() {
        resolver_.add("mta-sts.b.test", "A", "192.0.2.9");
        announce("1");
        server_.publish(StsServer::policy("enforce"));
        restart();
    }

    void announce(const std::string& id) {
        resolver_.clear();
        resolver_.add("mta-sts.b.test", "A", "192.0.2.9");
        resolver_.add("_mta-sts.b.test", "TXT", "\"v=STSv1; id=" + id + ";\"");
    }

    std::optional<StsMode> mode(std::string_view domain = "b.test") {
        const auto policy = time_.run(policies_->find(message::Domain::parse(domain).value())).value();
        return policy ? std::optional(policy->mode) : std::nullopt;
    }

    /// Nothing is known but what the store has.
    void restart() {
        policies_.emplace(StsPolicies::Dependencies{.resolver = resolver_,
                                                    .network = network_.host(IpAddress::parse("192.0.2.1").value()),
                                                    .timers = time_,
                                                    .log = log_,
                                                    .kept = kept_,
                                                    .tls = StsMaterial::get().client,
                                                    .may_reach = is_outside});
    }

    async::VirtualTime time_{3};
    net::SimulatedNetwork network_{&time_};
    net::SimulatedResolver resolver_{&time_};
    SilentLog log_;
    StsServer server_{&time_, &network_, "192.0.2.9"};
    store::MemoryEngine engine_;
    store::KeptPolicies kept_{&engine_};
    std::optional<StsPolicies> policies_;
};

TEST_F(StsPoliciesTest, APolicyIsFetchedOnceAndKept) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(mode(), StsMode::enforce);
        time_.run_for(hours(2));
    }
    ASSERT_THAT(server_.requests, SizeIs(1));
    EXPECT_THAT(server_.requests.front(),
                AllOf(StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"), HasSubstr("Host: mta-sts.b.test\r\n")));
    EXPECT_EQ(server_.server_name, "mta-sts.b.test");
}

TEST_F(StsPoliciesTest, WithoutARecordNothingIsFetched) {
    EXPECT_EQ(mode("c.test"), std::nullopt);
    EXPECT_EQ(mode("sub.b.test"), std::nullopt); // RFC 8461 §3.4: not the parent's
    EXPECT_EQ(mode("[192.0.2.9]"), std::nullopt);
    EXPECT_EQ(server_.connections, 0u);
}

TEST_F(StsPoliciesTest, AnotherIdBringsAnotherPolicy) {
    EXPECT_EQ(mode(), StsMode::enforce);
    server_.publish(StsServer::policy("testing"));
    time_.run_for(hours(2));
    EXPECT_EQ(mode(), StsMode::enforce); // the same id: not asked
    announce("2");
    time_.run_for(hours(2));
    EXPECT_EQ(mode(), StsMode::testing);
    server_.publish(StsServer::policy("none"));
    announce("3");
    time_.run_for(hours(2));
    EXPECT_EQ(mode(), std::nullopt);
    EXPECT_EQ(server_.connections, 3u);
}

TEST_F(StsPoliciesTest, AKeptPolicyIsFetchedAgainAfterADay) {
    EXPECT_EQ(mode(), StsMode::enforce);
    time_.run_for(days(1));
    EXPECT_EQ(mode(), StsMode::enforce);
    EXPECT_EQ(server_.connections, 2u);
}

// RFC 8461 §3.3, §5.1: who can keep us from the policy must not be able to take it away.
TEST_F(StsPoliciesTest, WhateverFailsTheKeptPolicyCountsForItsTime) {
    EXPECT_EQ(mode(), StsMode::enforce);
    announce("2");
    server_.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    time_.run_for(hours(2));
    EXPECT_EQ(mode(), StsMode::enforce);
    resolver_.fail("mta-sts.b.test", net::DnsStatus::name_does_not_exist);
    time_.run_for(days(1));
    EXPECT_EQ(mode(), StsMode::enforce);
    resolver_.fail("_mta-sts.b.test", net::DnsStatus::server_failure);
    time_.run_for(days(1));
    EXPECT_EQ(mode(), StsMode::enforce);
    resolver_.clear();
    time_.run_for(days(1));
    EXPECT_EQ(mode(), StsMode::enforce);
    time_.run_for(days(5));
    EXPECT_EQ(mode(), std::nullopt); // its time is over
}

// RFC 8461 §10.2: also who waits for a restart.
TEST_F(StsPoliciesTest, AKeptPolicyOutlivesARestart) {
    EXPECT_EQ(mode(), StsMode::enforce);
    const auto before = time_.run(policies_->find(message::Domain::parse("b.test").value())).value();
    resolver_.clear();
    resolver_.fail("_mta-sts.b.test", net::DnsStatus::server_failure);
    restart();
    EXPECT_EQ(time_.run(policies_->find(message::Domain::parse("b.test").value())).value(), before);
    resolver_.clear(); // as if it had no policy
    restart();
    EXPECT_EQ(mode(), StsMode::enforce);
    time_.run_for(days(8));
    restart();
    EXPECT_EQ(mode(), std::nullopt); // its time is over
    EXPECT_EQ(server_.connections, 1u);
}

TEST_F(StsPoliciesTest, ANewerPolicyTakesThePlaceOfTheKeptOne) {
    EXPECT_EQ(mode(), StsMode::enforce);
    announce("2");
    server_.publish(StsServer::policy("none"));
    restart();
    EXPECT_EQ(mode(), std::nullopt);
    resolver_.clear();
    restart();
    EXPECT_EQ(mode(), std::nullopt);
}

TEST_F(StsPoliciesTest, WithoutTheStoreNobodyKnowsWhetherThereIsOne) {
    EXPECT_EQ(mode(), StsMode::enforce);
    restart();
    engine_.fail(store::MemoryEngine::Call::get, 1, store::ErrorCode::unavailable);
    EXPECT_FALSE(time_.run(policies_->find(message::Domain::parse("b.test").value())).has_value());
    EXPECT_EQ(mode(), StsMode::enforce);
    announce("2");
    engine_.fail(store::MemoryEngine::Call::commit, 1, store::ErrorCode::no_space);
    restart();
    EXPECT_EQ(mode(), StsMode::enforce) << "one that cannot be written counts, too";
}

TEST_F(StsPoliciesTest, WhatIsNoPolicy) {
    const std::string good = StsServer::policy("enforce");
    const std::string text = "Content-Type: text/plain\r\n";
    const auto response = [](std::string_view status, std::string_view fields, std::string_view body) {
        return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, fields, body.size(), body);
    };
    int id = 10;
    for (const std::string& answer :
         {response("404 Not Found", text, good), response("500 Oops", text, good), response("204 Nothing", text, ""),
          response("301 Moved", text + "Location: https://evil.test/mta-sts.txt\r\n", good),
          response("200 OK", "Content-Type: text/html\r\n", good), response("200 OK", "", good),
          response("200 OK", text, good + std::string(tls_policy::kStsPolicyBytesMax, '\n')),
          response("200 OK", text, "<html></html>"), response("200 OK", text, ""),
          fmt::format("HTTP/1.1 200 OK\r\n{}\r\n{}", text, good), // its end is anybody's
          fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: 500\r\n\r\n{}", text, good),
          std::string("250 hello\r\n\r\n"), std::string()}) {
        SCOPED_TRACE(answer.substr(0, 200));
        announce(std::to_string(++id));
        server_.answer = answer;
        time_.run_for(hours(2));
        const std::size_t before = server_.connections;
        const Instant begin = time_.instant();
        EXPECT_EQ(mode(), std::nullopt);
        EXPECT_LE(time_.instant() - begin, Duration(kStsFetchTime) + seconds(1));
        EXPECT_EQ(server_.connections, before + 1);
    }
}

TEST_F(StsPoliciesTest, AServerWithAnotherCertificateHasNoPolicy) {
    const net::testing::TlsMaterial other;
    server_.tls = other.server;
    EXPECT_EQ(mode(), std::nullopt);
    EXPECT_EQ(server_.connections, 1u);
    EXPECT_THAT(server_.requests, SizeIs(0));
}

TEST_F(StsPoliciesTest, AServerInsideIsNotAsked) {
    StsServer internal(&time_, &network_, "10.0.0.9");
    internal.publish(StsServer::policy("enforce"));
    resolver_.clear();
    resolver_.add("_mta-sts.b.test", "TXT", "\"v=STSv1; id=1;\"");
    resolver_.add("mta-sts.b.test", "A", "10.0.0.9");
    EXPECT_EQ(mode(), std::nullopt);
    EXPECT_EQ(internal.connections, 0u);
    EXPECT_EQ(policies_->failure_of(message::Domain::parse("b.test").value())->reason,
              "its host is not one of the Internet");
}

async::Awaitable<> count_policy(StsPolicies* policies, std::size_t* found) {
    const auto policy = co_await policies->find(message::Domain::parse("b.test").value());
    *found += policy.value() ? 1 : 0;
}

// RFC 8461 §3.3: five minutes or longer for each id.
TEST_F(StsPoliciesTest, AFetchThatFailedIsTriedAgainLater) {
    server_.answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(mode(), std::nullopt);
    EXPECT_EQ(mode(), std::nullopt);
    server_.publish(StsServer::policy("enforce"));
    EXPECT_EQ(mode(), std::nullopt);
    EXPECT_EQ(server_.connections, 1u);
    time_.run_for(minutes(6));
    EXPECT_EQ(mode(), StsMode::enforce);
    EXPECT_EQ(server_.connections, 2u);
}

TEST_F(StsPoliciesTest, SeveralLettersWaitForOneFetch) {
    async::TaskGroup tasks(time_.executor(),
                           [](std::string_view, std::string_view reason) { ADD_FAILURE() << reason; });
    std::size_t found = 0;
    for (int i = 0; i < 5; ++i)
        tasks.spawn("letter", count_policy(&*policies_, &found));
    time_.run(tasks.join());
    EXPECT_EQ(found, 5u);
    EXPECT_EQ(server_.connections, 1u);
}

} // namespace
} // namespace tegami::relay
