// Certificates from an authority (ACME), on virtual time: when they are asked for, and what is shown meanwhile.
#include "acme/authority_fixture.h"
#include "acme/certificate.h"
#include "app/server/certificate_keeper_fixture.h"

#include <gmock/gmock.h>

#include <fstream>

namespace tegami::app {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kDirectory = "https://ca.test/dir";

/// Gives certificates for 90 days, unless it is down.
class TestAuthority final : public CertificateAuthority {
public:
    explicit TestAuthority(async::VirtualTime& time) : time_(time) {}

    async::Awaitable<Result<std::string, CertificateRefusal>> obtain(CertificateOrder order) override {
        ++tries;
        co_await async::sleep(&time_, std::chrono::seconds(5));
        if (is_down) co_return failure(CertificateRefusal{.reason = "it is down", .not_before = wait});
        orders.push_back(order);
        const auto request = acme::certificate_request(order.key, order.names);
        constexpr long kFirstSerial = 0x87654321;
        co_return acme::testing::sign(*request, time_.now() - age, kFirstSerial + static_cast<long>(orders.size()) - 1);
    }

    async::Awaitable<RenewalAnswer> when_to_renew(std::string) override {
        ++questions;
        co_return RenewalAnswer{.advice = advice, .ask_again = hours(6)};
    }

    bool is_down = false;
    days age{0}; ///< of its certificates when they come, so that a test need not wait for it
    std::optional<Duration> wait;
    std::optional<RenewalAdvice> advice;
    std::vector<CertificateOrder> orders;
    unsigned tries = 0;
    unsigned questions = 0;

private:
    async::VirtualTime& time_;
};

class CertificateIssueTest : public CertificateKeeperTest {
protected:
    CertificateIssueTest() {
        config_.acme.directory = kDirectory;
        config_.acme.names = {"imap.b.test"};
        resolver_.add("mail.b.test", "A", "192.0.2.1");
    }

    void open_with_authority() {
        open();
        keeper_->issue_through(authority_, [this] { return web_hosts_; });
        first_key_ = key();
    }

    const net::CertificateSummary& shown(std::string_view host) const {
        return keeper_->current().get()->for_client(host, {}).certificate();
    }

    bool is_issued(std::string_view host) const {
        return shown(host).is_for(host) && shown(host).not_after - shown(host).not_before < days(91);
    }

    Timestamp end() const { return shown("mail.b.test").not_after; }

    TestAuthority authority_{time_};
    std::vector<std::string> web_hosts_;
};

TEST_F(CertificateIssueTest, EachNameGetsItsCertificateAndKeepsIt) {
    web_hosts_ = {"mta-sts.b.test", "mta-sts.c.test"};
    resolver_.add("mta-sts.b.test", "A", "192.0.2.1");
    resolver_.add("mta-sts.c.test", "A", "192.0.2.9"); // elsewhere
    open_with_authority();
    EXPECT_FALSE(is_issued("mail.b.test"));
    run(nullptr);
    EXPECT_EQ(key(), first_key_) << "the key of now has been announced";
    ASSERT_EQ(authority_.orders.size(), 2U);
    EXPECT_THAT(authority_.orders[0].names, ElementsAre("mail.b.test", "imap.b.test"));
    EXPECT_THAT(authority_.orders[1].names, ElementsAre("mta-sts.b.test"));
    for (const char* host : {"mail.b.test", "imap.b.test", "mta-sts.b.test"})
        EXPECT_TRUE(is_issued(host)) << host;
    EXPECT_EQ(&shown("mta-sts.c.test"), &shown(""));
    EXPECT_EQ(shown("").sha256_fingerprint, shown("mail.b.test").sha256_fingerprint);
    EXPECT_NE(shown("mta-sts.b.test").sha256_of_key, key());
    EXPECT_FALSE(std::filesystem::exists(config_.data_directory + "/tls/ca.pem")) << "of the certificate before";
    // A start finds them; a domain that has come here gets one; one that is gone is forgotten.
    stop();
    resolver_.add("mta-sts.c.test", "A", "192.0.2.1");
    web_hosts_ = {"mta-sts.c.test", "imap.b.test"};
    open_with_authority();
    EXPECT_TRUE(is_issued("mta-sts.b.test"));
    run(nullptr);
    EXPECT_EQ(authority_.orders.size(), 3U);
    EXPECT_TRUE(is_issued("mta-sts.c.test"));
    EXPECT_FALSE(is_issued("mta-sts.b.test"));
    time_.run_for(hours(12));
    EXPECT_EQ(authority_.tries, 3U);
    // Another set of names is asked for at once.
    stop();
    config_.acme.names.emplace_back("pop.b.test");
    open_with_authority();
    run(nullptr);
    EXPECT_TRUE(is_issued("pop.b.test"));
    EXPECT_EQ(authority_.orders.back().replaces, "");
}

TEST_F(CertificateIssueTest, AThirdOfTheLifeBeforeItsEndItIsRenewedWithTheNextKey) {
    authority_.age = days(59);
    open_with_authority();
    run(nullptr);
    authority_.age = days(0);
    const Timestamp first_end = end();
    const std::string next_key = keeper_->host().next_key_sha256;
    time_.run_for(hours(20));
    EXPECT_EQ(end(), first_end);
    time_.run_for(hours(5));
    EXPECT_GT(end(), first_end + days(59));
    EXPECT_EQ(keeper_->host().public_key_sha256, next_key);
    EXPECT_NE(keeper_->host().next_key_sha256, next_key);
    EXPECT_EQ(authority_.orders.back().replaces, "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    EXPECT_EQ(told("certificate renewed names=mail.b.test,imap.b.test from=https://ca.test/dir"), 2U);
}

TEST_F(CertificateIssueTest, ANewKeyWaitsUntilItsRecordHasBeenSeen) {
    TablePublisher publisher(resolver_);
    authority_.age = days(60);
    open_with_authority();
    add_record(wanted().front());
    run(&publisher);
    authority_.age = days(0);
    const Timestamp first_end = end();
    EXPECT_TRUE(is_issued("mail.b.test"));
    EXPECT_EQ(publisher.sets.back(), wanted());
    const dns::Data next = wanted().back();
    time_.run_for(days(2));
    EXPECT_EQ(end(), first_end) << "seen since it became due";
    time_.run_for(hours(2));
    EXPECT_EQ(wanted().front(), next);
    EXPECT_GT(end(), first_end);
    EXPECT_EQ(publisher.sets.back(), wanted());
    EXPECT_EQ(told("no TLSA record has announced"), 0U);
}

TEST_F(CertificateIssueTest, WithoutTheRecordItHasTheKeyOfNowInGoodTime) {
    authority_.age = days(74);
    open_with_authority();
    add_record(wanted().front());
    run(nullptr);
    authority_.age = days(0);
    const Timestamp first_end = end();
    time_.run_for(hours(20));
    EXPECT_EQ(end(), first_end);
    EXPECT_EQ(told("publish it, tegami dns records shows it"), 1U);
    time_.run_for(hours(5));
    EXPECT_GT(end(), first_end);
    EXPECT_EQ(key(), first_key_);
}

TEST_F(CertificateIssueTest, AnAuthorityThatFailsForADayChangesNothing) {
    authority_.age = days(60);
    open_with_authority();
    run(nullptr);
    const Timestamp first_end = end();
    authority_.is_down = true;
    authority_.tries = 0;
    time_.run_for(hours(30));
    EXPECT_EQ(end(), first_end);
    EXPECT_GE(authority_.tries, 6U);
    EXPECT_LE(authority_.tries, 10U) << "it is not asked more often than it counts";
    EXPECT_EQ(told("certificate not renewed names=mail.b.test,imap.b.test reason=it is down"), authority_.tries);
    const admin::CertificateState state = keeper_->states().front();
    EXPECT_EQ(state.problem, "it is down");
    EXPECT_GT(state.next_try.value(), time_.now());
    EXPECT_EQ(state.origin, kDirectory);
    authority_.is_down = false;
    time_.run_for(hours(7));
    EXPECT_GT(end(), first_end);
    EXPECT_EQ(keeper_->states().front().problem, "");
    // It may want to be left alone for longer.
    authority_.is_down = true;
    authority_.wait = hours(24);
    authority_.tries = 0;
    time_.run_for(hours(20));
    EXPECT_EQ(authority_.tries, 1U);
}

TEST_F(CertificateIssueTest, AServerThatIsStartedAgainGoesOnWaiting) {
    authority_.is_down = true;
    authority_.wait = hours(5);
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 1U);
    for (int starts = 0; starts < 3; ++starts) {
        stop();
        open_with_authority();
        run(nullptr);
    }
    EXPECT_EQ(authority_.tries, 1U);
    EXPECT_EQ(keeper_->states().front().problem, "it is down");
    // Another authority has not refused anything.
    stop();
    config_.acme.directory = "https://other.test/dir";
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 2U);
    // Nor has this one refused what is asked for now.
    stop();
    config_.acme.challenge = acme::ChallengeKind::tls_alpn;
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 3U);
    stop();
    authority_.is_down = false;
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 3U);
    time_.run_for(hours(6));
    EXPECT_TRUE(is_issued("mail.b.test"));
    EXPECT_FALSE(std::filesystem::exists(config_.data_directory + "/tls/acme-failures.json"));
}

TEST_F(CertificateIssueTest, ANewServerServesWithACertificateOfItsOwnUntilTheAuthorityAnswers) {
    authority_.is_down = true;
    web_hosts_ = {"mta-sts.b.test"};
    resolver_.add("mta-sts.b.test", "A", "192.0.2.1");
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 2U);
    EXPECT_TRUE(shown("mail.b.test").is_for("mail.b.test"));
    EXPECT_EQ(keeper_->states().size(), 2U);
    EXPECT_EQ(keeper_->states().back().name, "mta-sts.b.test");
    EXPECT_FALSE(keeper_->states().back().not_after);
    authority_.is_down = false;
    // As who has mended it does.
    EXPECT_THAT(time_.run(keeper_->renew_now("x.test", &resolver_)).error(),
                HasSubstr("no certificate is called x.test"));
    EXPECT_TRUE(time_.run(keeper_->renew_now("", &resolver_)));
    EXPECT_TRUE(is_issued("mail.b.test"));
    EXPECT_TRUE(is_issued("mta-sts.b.test"));
    time_.run_for(hours(12));
    EXPECT_EQ(authority_.tries, 4U);
}

TEST_F(CertificateIssueTest, WhatCannotBeKeptIsNotAskedForAgain) {
    open_with_authority();
    const std::string in_the_way = config_.data_directory + "/tls/certificate.pem.new/x";
    std::filesystem::create_directories(in_the_way);
    run(nullptr);
    EXPECT_THAT(keeper_->states().front().problem, HasSubstr("certificate.pem.new cannot be written"));
    EXPECT_FALSE(is_issued("mail.b.test"));
    std::filesystem::remove_all(config_.data_directory + "/tls/certificate.pem.new");
    time_.run_for(std::chrono::minutes(20));
    EXPECT_TRUE(is_issued("mail.b.test"));
    EXPECT_EQ(authority_.tries, 1U);
}

TEST_F(CertificateIssueTest, TheAuthorityMayWantItRenewedEarlier) {
    open_with_authority();
    run(nullptr);
    // At once: but that would never end.
    authority_.advice = RenewalAdvice{.moment = time_.now() - days(2), .end = time_.now() - days(1)};
    time_.run_for(hours(22));
    EXPECT_EQ(authority_.orders.size(), 1U);
    EXPECT_LE(authority_.questions, 5U) << "it says when it wants to be asked again";
    time_.run_for(hours(2));
    EXPECT_EQ(authority_.orders.size(), 2U);
    const Timestamp now = time_.now();
    authority_.advice = RenewalAdvice{.moment = now + hours(30), .end = now + days(3)};
    time_.run_for(hours(29));
    EXPECT_EQ(authority_.orders.size(), 2U);
    EXPECT_EQ(keeper_->states().front().renewal, now + hours(30));
    time_.run_for(hours(2));
    EXPECT_EQ(authority_.orders.size(), 3U);
}

TEST_F(CertificateIssueTest, WhatACrashLeavesIsTakenAtTheNextStart) {
    open_with_authority();
    run(nullptr);
    stop();
    const std::string file = config_.data_directory + "/tls/certificate.pem";
    std::filesystem::rename(file, file + ".new");
    std::filesystem::rename(config_.data_directory + "/tls/key.pem", next_key_file(config_));
    open_with_authority();
    EXPECT_TRUE(is_issued("mail.b.test"));
    EXPECT_EQ(authority_.tries, 1U);
}

TEST_F(CertificateIssueTest, WhereThereIsNoAuthorityNobodyIsAsked) {
    open();
    EXPECT_THAT(time_.run(keeper_->renew_now("", &resolver_)).error(), HasSubstr("there is no authority to ask"));
    EXPECT_EQ(keeper_->states().front().origin, "made by this server");
    config_.tls = {.certificate = config_.data_directory + "/tls/certificate.pem",
                   .key = config_.data_directory + "/tls/key.pem"};
    open_with_authority();
    run(nullptr);
    EXPECT_EQ(authority_.tries, 0U);
    EXPECT_THAT(time_.run(keeper_->renew_now("", &resolver_)).error(), HasSubstr("the certificate is yours"));
    EXPECT_EQ(keeper_->states().front().origin, config_.tls.certificate);
}

} // namespace
} // namespace tegami::app
