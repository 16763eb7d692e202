// Mail between two servers: it arrives once, is tried again, or comes back.
#include "net/test_support.h"
#include "simulation/two_servers.h"

namespace tegami::simulation {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(DeliveryBetweenServers, ArrivesOnceAndIsFetchedByPop3) {
    TwoServers two(1);
    const SubmissionResult sent = two.alice_writes({"bob@b.test"}, "first");
    EXPECT_EQ(sent.promise, Promise::accepted) << sent.last_reply;
    two.world.time.run_for(minutes(1));
    EXPECT_EQ(two.queued_at_a(), 0U);
    EXPECT_THAT(two.bob_fetches(true),
                ElementsAre(AllOf(StartsWith("Return-Path: <alice@a.test>\r\n"), HasSubstr("Subject: first\r\n"),
                                  HasSubstr("\r\n\r\nHello from Alice.\r\n"))));
    EXPECT_THAT(two.bob_fetches(), IsEmpty()) << "deleted at QUIT";
    EXPECT_THAT(two.alice_fetches(), IsEmpty());
}

TEST(DeliveryBetweenServers, LocalAndRemoteRecipientsGetOneCopyEach) {
    TwoServers two(2);
    EXPECT_EQ(two.alice_writes({"bob@b.test", "alice@a.test", "BOB@b.test"}, "both").promise, Promise::accepted);
    two.world.time.run_for(minutes(10));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_THAT(two.alice_fetches(), SizeIs(1));
    EXPECT_EQ(two.queued_at_a(), 0U);
}

TEST(DeliveryBetweenServers, GoesOverTlsWhereItIsOffered) {
    const net::testing::TlsMaterial material;
    TwoServers two(3, {.server = material.server, .client = material.opportunistic});
    EXPECT_EQ(two.alice_writes({"bob@b.test"}, "encrypted").promise, Promise::accepted);
    two.world.time.run_for(minutes(1));
    EXPECT_THAT(two.bob_fetches(), ElementsAre(HasSubstr("(TLSv1.3 ")));
}

TEST(DeliveryBetweenServers, IsTriedAgainAfterTwoHoursWithoutAWay) {
    TwoServers two(4);
    two.world.network.cut(two.a.address(), two.b.address());
    EXPECT_EQ(two.alice_writes({"bob@b.test"}, "patience").promise, Promise::accepted);
    two.world.time.run_for(hours(2));
    EXPECT_THAT(two.bob_fetches(), IsEmpty());
    EXPECT_EQ(two.queued_at_a(), 1U);
    two.world.network.heal(two.a.address(), two.b.address());
    two.world.time.run_for(hours(5));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_EQ(two.queued_at_a(), 0U);
    EXPECT_THAT(two.alice_fetches(), IsEmpty()) << "nobody is told of a delay that ended well";
    EXPECT_GE(count_events(two.a.journey_events("bob@b.test"), "deferred"), 3U);
}

TEST(DeliveryBetweenServers, UnknownRecipientComesBackOnce) {
    TwoServers two(5);
    EXPECT_EQ(two.alice_writes({"nobody@b.test"}, "lost").promise, Promise::accepted);
    two.world.time.run_for(hours(6));
    EXPECT_THAT(two.alice_fetches(),
                ElementsAre(AllOf(StartsWith("Return-Path: <>\r\n"), HasSubstr("multipart/report"),
                                  HasSubstr("There is no such address there."), HasSubstr("Final-Recipient:"),
                                  HasSubstr("nobody@b.test"), HasSubstr("Status: 5.1.1"),
                                  HasSubstr("Remote-MTA: dns; mail.b.test"), HasSubstr("Subject: lost\r\n"))));
    EXPECT_THAT(two.bob_fetches(), IsEmpty());
    EXPECT_EQ(two.queued_at_a(), 0U);
}

TEST(DeliveryBetweenServers, FiveDaysWithoutAWayEndInOneReport) {
    TwoServers two(6);
    two.world.network.cut(two.a.address(), two.b.address());
    EXPECT_EQ(two.alice_writes({"bob@b.test"}, "expired").promise, Promise::accepted);
    two.world.time.run_for(days(5) - hours(1));
    EXPECT_THAT(two.alice_fetches(), IsEmpty());
    two.world.time.run_for(hours(2));
    EXPECT_THAT(two.alice_fetches(),
                ElementsAre(AllOf(HasSubstr("Their server did not answer. We tried "), HasSubstr("bob@b.test"),
                                  HasSubstr("Action: failed"), HasSubstr("Status: 5.4.1"))));
    EXPECT_EQ(two.queued_at_a(), 0U);
    two.world.network.heal(two.a.address(), two.b.address());
    two.world.time.run_for(hours(10));
    EXPECT_THAT(two.bob_fetches(), IsEmpty()) << "given up means given up";
}

TEST(DeliveryBetweenServers, DnsFaultIsTriedAgainAndMissingDomainComesBackAtOnce) {
    TwoServers two(7);
    two.world.resolver.fail("b.test", net::DnsStatus::server_failure);
    EXPECT_EQ(two.alice_writes({"bob@b.test", "x@nowhere.test"}, "names").promise, Promise::accepted);
    two.world.time.run_for(minutes(1));
    EXPECT_THAT(two.alice_fetches(), ElementsAre(AllOf(HasSubstr("x@nowhere.test"), HasSubstr("Status: 5.1.2"),
                                                       ::testing::Not(HasSubstr("bob@b.test\r\n  ")))));
    two.world.resolver.forget_failure("b.test");
    two.world.time.run_for(hours(1));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_THAT(two.alice_fetches(), SizeIs(1));
}

TEST(DeliveryBetweenServers, AcknowledgedMailSurvivesAPowerCutOfItsServer) {
    TwoServers two(8);
    two.world.network.cut(two.a.address(), two.b.address());
    EXPECT_EQ(two.alice_writes({"bob@b.test", "alice@a.test"}, "durable").promise, Promise::accepted);
    two.a.switch_off();
    two.world.network.heal(two.a.address(), two.b.address());
    two.world.time.run_for(hours(1));
    two.a.start();
    two.world.time.run_for(hours(5));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_THAT(two.alice_fetches(), SizeIs(1));
    EXPECT_EQ(two.queued_at_a(), 0U);
}

TEST(DeliveryBetweenServers, WhatWasTakenIsNotSentAgainWhileTheDiskIsFull) {
    TwoServers two(9);
    EXPECT_EQ(two.alice_writes({"bob@b.test", "nobody@b.test"}, "once").promise, Promise::accepted);
    two.a.disk().set_capacity(0); // before what became of it can be written down
    two.world.time.run_for(hours(1));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_EQ(two.queued_at_a(), 1U);
    two.a.disk().set_capacity(1 << 30);
    two.world.time.run_for(hours(5));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_THAT(two.alice_fetches(), ElementsAre(HasSubstr("nobody@b.test"))) << "one report, although it came late";
    EXPECT_EQ(two.queued_at_a(), 0U);
}

TEST(DeliveryBetweenServers, DoesNotWaitForDaysBecauseAClockWasWrong) {
    TwoServers two(10);
    two.world.network.cut(two.a.address(), two.b.address());
    EXPECT_EQ(two.alice_writes({"bob@b.test"}, "leap").promise, Promise::accepted);
    two.a.clock().set_ahead(days(4));
    two.world.time.run_for(hours(6)); // attempts are planned by this clock
    two.a.clock().set_ahead({});
    two.world.network.heal(two.a.address(), two.b.address());
    two.world.time.run_for(hours(1));
    EXPECT_THAT(two.bob_fetches(), SizeIs(1));
    EXPECT_EQ(two.queued_at_a(), 0U);
}

} // namespace
} // namespace tegami::simulation
