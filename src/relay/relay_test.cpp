// What the relay promises about destinations, places, slots and reports.
#include "relay/relay_fixture.h"

namespace tegami::relay {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(RelayTest, WhatIsPassedOnHasAReturnPathOfOurs) {
    const auto sink = server("b.test", "192.0.2.2");
    store::QueuedMessage message = message_to({"bob@b.test"});
    message.message.reverse_path = message::parse_email_address("anna@c.test").value();
    message.message.passed_on = true;
    add(std::move(message));
    time_.run_for(std::chrono::seconds(5));
    const auto mail =
        std::ranges::find_if(sink->commands, [](const std::string& line) { return line.starts_with("MAIL"); });
    ASSERT_NE(mail, sink->commands.end());
    EXPECT_THAT(*mail, ::testing::MatchesRegex("MAIL FROM:<SRS0=[a-z2-7]+=[a-z2-7]+=c.test=anna@a.test>.*"));
}

TEST_F(RelayTest, WhatLeavesIsTheContentBehindItsPrefix) {
    const auto sink = server("b.test", "192.0.2.2");
    store::QueuedMessage message = message_to({"bob@b.test", "bill@b.test"});
    message.message.prefix = "DKIM-Signature: x\r\n";
    add(std::move(message));
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, ElementsAre("DKIM-Signature: x\r\nSubject: x\r\n\r\nbody"));
    EXPECT_THAT(queued(), IsEmpty());
}

/// F2: a destination that hangs holds up neither other destinations,
/// nor local copies, nor reports, whatever waits there.
TEST_F(RelayTest, ADestinationThatHangsDelaysNobodyElse) {
    const auto hanging = server("hangs.test", "192.0.2.2");
    hanging->hangs = Sink::Hangs::at_greeting;
    const auto other = server("b.test", "192.0.2.3");
    for (std::size_t i = 0; i < 3 * kRemoteSlots; ++i)
        EXPECT_TRUE(run(queue_.add(message_to({"x@hangs.test"}))).has_value());
    relay_->wake();
    time_.run_for(seconds(1));
    EXPECT_LE(hanging->connections, kPlacesMax);

    send({"bob@b.test"});
    send({"nobody@b.test"});
    store::QueuedMessage local = message_to({"alice@a.test"});
    local.items = {store::local_item(alice_, {.address = address("alice@a.test")}, time_.now())};
    add(std::move(local));
    time_.run_for(seconds(5));
    EXPECT_THAT(other->taken, SizeIs(1));
    EXPECT_EQ(alices_messages(), 2U) << "the local copy, and the report";
}

/// Fairness: what waits at many hanging destinations does not take the last slots from one that works.
TEST_F(RelayTest, ManyDestinationsThatHangDelayNobodyElse) {
    std::vector<std::unique_ptr<Sink>> hanging;
    for (int i = 0; i < 100; ++i) {
        const std::string domain = "h" + std::to_string(i) + ".test";
        hanging.push_back(server(domain, "198.51.100." + std::to_string(i + 1)));
        hanging.back()->hangs = Sink::Hangs::at_greeting;
        for (int letter = 0; letter < 8; ++letter)
            EXPECT_TRUE(run(queue_.add(message_to({"x@" + domain}))).has_value());
    }
    const auto other = server("z.test", "192.0.2.3");
    relay_->wake();
    time_.run_for(seconds(1));
    send({"bob@z.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(other->taken, SizeIs(1));
}

TEST_F(RelayTest, AnExceptionInADeliveryFreesItsPlaceAndTheItemIsTriedAgain) {
    const auto sink = server("b.test", "192.0.2.2");
    resolver_.breaking = "b.test";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    const std::vector<store::QueuedMessage> left = queued();
    ASSERT_THAT(left, SizeIs(1));
    const store::QueueRecipient& waiting = left[0].items[0].recipients[0];
    EXPECT_EQ(waiting.state, store::RecipientState::deferred);
    EXPECT_EQ(waiting.last_reply, "4.3.0 the sending server had a fault of its own") << "and not the exception's words";
    for (int i = 0; i < 5; ++i)
        send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, SizeIs(5)) << "the place is free";
    time_.run_for(hours(1));
    EXPECT_THAT(sink->taken, SizeIs(6));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(RelayTest, AnOrderlyStopLetsABodyUnderWayEnd) {
    const auto sink = server("b.test", "192.0.2.2");
    sink->hangs = Sink::Hangs::before_the_last_reply;
    send({"bob@b.test"});
    time_.run_for(seconds(1));
    ASSERT_EQ(sink->bodies, 1U);
    async::TaskGroup stopping{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
    stopping.spawn("stop", relay_->stop());
    stopped_ = true;
    time_.run_for(seconds(2));
    EXPECT_EQ(stopping.running(), 1U) << "it waits";
    sink->go_on.set();
    time_.run_for(seconds(1));
    EXPECT_EQ(stopping.running(), 0U);
    EXPECT_THAT(queued(), IsEmpty()) << "the next start would send it again";
}

TEST_F(RelayTest, AnOrderlyStopDoesNotWaitForEver) {
    const auto sink = server("b.test", "192.0.2.2");
    sink->hangs = Sink::Hangs::before_the_last_reply;
    const auto other = server("hangs.test", "192.0.2.3");
    other->hangs = Sink::Hangs::at_greeting;
    send({"bob@b.test", "x@hangs.test"});
    time_.run_for(seconds(1));
    ASSERT_EQ(sink->bodies, 1U);
    const Instant begin = time_.instant();
    run(relay_->stop());
    stopped_ = true;
    EXPECT_LE(time_.instant() - begin, Duration(kStopTime));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(queued()[0].items, SizeIs(2)) << "it is sent again after the start";
}

TEST_F(RelayTest, ADeadNameServerBehindTheFirstExchangerDelaysNothing) {
    const auto sink = server("b.test", "192.0.2.2");
    resolver_.table.add("b.test", "MX", "20 mx.dead.test");
    resolver_.hanging = "mx.dead.test";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, SizeIs(1));
}

TEST_F(RelayTest, FailuresOfOneRoundAreOneReport) {
    const auto one = server("b.test", "192.0.2.2");
    const auto two = server("c.test", "192.0.2.3");
    const auto slow = server("d.test", "192.0.2.4");
    slow->hangs = Sink::Hangs::before_the_last_reply;
    send({"nobody@b.test", "nobody@c.test", "dora@d.test", "nobody@nowhere.test"});
    time_.run_for(seconds(10));
    EXPECT_EQ(alices_messages(), 0U) << "it waits for the others";
    slow->go_on.set();
    time_.run_for(seconds(10));
    EXPECT_EQ(alices_messages(), 1U);
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(RelayTest, AReportWaitsForOthersOnlyAWhile) {
    const auto one = server("b.test", "192.0.2.2");
    const auto slow = server("d.test", "192.0.2.4");
    slow->hangs = Sink::Hangs::before_the_last_reply;
    send({"nobody@b.test", "dora@d.test"});
    time_.run_for(minutes(4));
    EXPECT_EQ(alices_messages(), 0U);
    ASSERT_EQ(slow->bodies, 1U);
    time_.run_for(minutes(2));
    EXPECT_EQ(alices_messages(), 1U);
    EXPECT_THAT(queued(), SizeIs(1)) << "what is under way stays";
}

TEST_F(RelayTest, WhatIsOnHoldIsNotTriedAndWhoIsGivenUpIsReportedAtOnce) {
    const auto one = server("b.test", "192.0.2.2");
    const auto two = server("c.test", "192.0.2.3");
    const store::QueueHold hold{.since = time_.now(), .by = "root", .reason = "looks odd"};
    const auto held_domain = *message::Domain::parse("c.test");
    ASSERT_TRUE(run(queue_.holds().hold_destination(held_domain, hold)));
    store::QueuedMessage letter = message_to({"anna@b.test", "bo@b.test", "cy@c.test"}, "x");
    for (store::QueueItem& item : letter.items)
        item.next_due += minutes(1);
    add(letter);
    const store::QueueId id = queued().at(0).message.id;
    ASSERT_TRUE(run(queue_.holds().hold(id, {.recipient = testing::address("anna@b.test")}, hold)));
    time_.run_for(std::chrono::days(6));
    EXPECT_THAT(one->taken, SizeIs(1)) << "for bo";
    EXPECT_THAT(two->taken, IsEmpty());
    EXPECT_EQ(alices_messages(), 0U) << "nothing expires on hold";
    ASSERT_THAT(queued(), SizeIs(1));

    ASSERT_TRUE(run(queue_.holds().give_up(id, {}, "5.7.1 an administrator does not want it sent")));
    relay_->wake();
    time_.run_for(seconds(10));
    EXPECT_EQ(alices_messages(), 1U) << "one report about both";
    EXPECT_THAT(queued(), IsEmpty());
    send({"di@c.test"});
    time_.run_for(minutes(10));
    EXPECT_THAT(two->taken, IsEmpty());
    ASSERT_TRUE(run(queue_.holds().release_destination(held_domain)));
    relay_->wake();
    time_.run_for(seconds(10));
    EXPECT_THAT(two->taken, SizeIs(1));
    EXPECT_THAT(one->taken, SizeIs(1));
}

} // namespace
} // namespace tegami::relay
