// The server's own certificate until it is replaced, and what the DNS is told of its keys.
#include "app/server/certificate_keeper_fixture.h"

#include <gmock/gmock.h>

namespace tegami::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(CertificateRenewal, KnowsItsTime) {
    const Timestamp now{std::chrono::days(20'000)};

    struct Row {
        int days_left;
        Announcement announcement;
        int seen_days; ///< negative: not seen
        Renewal expected;
    };

    for (const Row& row : {
             Row{91, Announcement::nowhere, -1, Renewal::none},
             Row{90, Announcement::nowhere, -1, Renewal::with_next_key},
             Row{90, Announcement::seen, 0, Renewal::waits},
             Row{90, Announcement::seen, 2, Renewal::with_next_key},
             Row{90, Announcement::missing, -1, Renewal::waits},
             Row{90, Announcement::unknown, -1, Renewal::waits},
             Row{14, Announcement::missing, -1, Renewal::with_same_key},
             Row{14, Announcement::unknown, -1, Renewal::with_same_key},
             Row{14, Announcement::seen, 1, Renewal::with_same_key},
             Row{-5, Announcement::seen, 3, Renewal::with_next_key},
         }) {
        std::optional<Timestamp> seen_since;
        if (row.seen_days >= 0) seen_since = now - std::chrono::days(row.seen_days);
        EXPECT_EQ(
            plan_renewal(now, own_renewal_times(now + std::chrono::days(row.days_left)), row.announcement, seen_since),
            row.expected)
            << row.days_left << " days, seen " << row.seen_days;
    }
}

TEST_F(CertificateKeeperTest, TheAnnouncedKeyComesInGoodTime) {
    TablePublisher publisher(resolver_);
    open(std::chrono::days(80));
    add_record(wanted().front()); // of before there was a next key
    run(&publisher);
    EXPECT_THAT(publisher.sets, ElementsAre(wanted()));
    const dns::Data next = wanted().back();
    time_.run_for(std::chrono::days(1));
    EXPECT_EQ(key(), first_key_) << "others may still remember the records without it";
    time_.run_for(std::chrono::days(1) + std::chrono::hours(1));
    EXPECT_NE(key(), first_key_);
    EXPECT_EQ(wanted().front(), next);
    EXPECT_NE(wanted().back(), next) << "there is another next key";
    EXPECT_GT(keeper_->current().get()->certificate().not_after, time_.now() + std::chrono::days(3600));
    ASSERT_EQ(publisher.sets.size(), 2U);
    EXPECT_EQ(publisher.sets.back(), wanted());
    EXPECT_EQ(told("certificate renewed key=the next one"), 1U);
    EXPECT_EQ(told("no TLSA record has announced"), 0U);
    // What is on the disk is what a start takes.
    stop();
    const std::string now = key();
    open();
    EXPECT_EQ(key(), now);
    EXPECT_EQ(told("no TLSA record has announced"), 0U);
}

TEST_F(CertificateKeeperTest, WhereNobodyLooksAtKeysNothingIsWaitedFor) {
    open(std::chrono::days(80));
    run(nullptr);
    EXPECT_NE(key(), first_key_);
    const std::string now = key();
    time_.run_for(std::chrono::days(1));
    EXPECT_EQ(key(), now);
}

TEST_F(CertificateKeeperTest, AKeyThatIsNotAnnouncedWaitsAndTheOldOneServesOn) {
    open(std::chrono::days(17));
    add_record(wanted().front());
    const Timestamp end = keeper_->current().get()->certificate().not_after;
    run(nullptr);
    time_.run_for(std::chrono::days(2));
    EXPECT_EQ(keeper_->current().get()->certificate().not_after, end);
    EXPECT_EQ(told("publish it, tegami dns records shows it"), 3U) << "once a day";
    resolver_.fail("_25._tcp.mail.b.test", net::DnsStatus::timed_out);
    time_.run_for(std::chrono::days(2));
    EXPECT_EQ(key(), first_key_);
    EXPECT_GT(keeper_->current().get()->certificate().not_after, end);
    EXPECT_EQ(told("certificate renewed key=the same"), 1U);
}

TEST_F(CertificateKeeperTest, AKeyThatWasNotAnnouncedIsToldOfAtAStartAsAtAReload) {
    open(std::chrono::days(1000));
    const std::string folder = config_.data_directory + "/";
    const auto make = [&](const std::string& name) {
        ASSERT_TRUE(net::create_own_certificate({.names = {"mail.b.test"},
                                                 .certificate_chain_path = folder + name,
                                                 .key_path = folder + name + ".key",
                                                 .now = time_.now()}));
        config_.tls = {.certificate = folder + name, .key = folder + name + ".key"};
    };
    make("1");
    EXPECT_THAT(time_.run(keeper_->reload(config_, {})).value(), Contains(HasSubstr("no TLSA record has announced")));
    EXPECT_THAT(time_.run(keeper_->reload(config_, {})).value(),
                Not(Contains(HasSubstr("no TLSA record has announced"))));
    make("2");
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
    std::filesystem::copy_file(next_key_file(config_), folder + "3.key");
    make("3");
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
}

TEST_F(CertificateKeeperTest, RecordsThatCouldNotBePublishedAreTriedAgain) {
    TablePublisher publisher(resolver_);
    publisher.fails = true;
    open(std::chrono::days(1000));
    run(&publisher);
    time_.run_for(std::chrono::hours(25));
    EXPECT_EQ(told("tlsa records not published name=_25._tcp.mail.b.test"), 2U) << "once a day";
    publisher.fails = false;
    const std::size_t before = publisher.calls;
    EXPECT_GE(before, 150U);
    time_.run_for(3 * kCertificateLookInterval);
    EXPECT_EQ(publisher.calls, before + 1);
    // A reload with another key does not wait for the next look.
    std::filesystem::remove(config_.data_directory + "/tls/certificate.pem");
    EXPECT_TRUE(time_.run(keeper_->reload(config_, {})));
    time_.run_for(std::chrono::seconds(1));
    EXPECT_EQ(publisher.calls, before + 2);
    EXPECT_EQ(publisher.sets.back(), wanted());
}

} // namespace
} // namespace tegami::app
