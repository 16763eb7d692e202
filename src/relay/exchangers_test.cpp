// RFC 5321 §5.1: what one of a domain's servers says of itself is not the domain's word.
#include "relay/relay_fixture.h"

namespace tegami::relay {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// b.test with two exchangers, of which the first is the preferred one.
class ExchangersTest : public RelayTest {
protected:
    ExchangersTest() {
        resolver_.table.add("b.test", "MX", "10 one.b.test");
        resolver_.table.add("b.test", "MX", "20 two.b.test");
        resolver_.table.add("one.b.test", "A", "192.0.2.2");
        resolver_.table.add("two.b.test", "A", "192.0.2.3");
    }

    const store::QueueRecipient& waiting() {
        left_ = queued();
        return left_.at(0).items.at(0).recipients.at(0);
    }

    Sink one_{&time_, &network_, "192.0.2.2"};
    Sink two_{&time_, &network_, "192.0.2.3"};

private:
    std::vector<store::QueuedMessage> left_;
};

struct Word {
    std::string command; ///< or "greeting"
    std::string reply;
};

const std::vector<Word> kOfTheServer{
    {"greeting", "554 no SMTP service here"},
    {"greeting", "521 5.3.2 does not accept mail"},
    {"greeting", "450 4.7.0 come back later"},
    {"greeting", "220 mail.a.test ESMTP"}, // ourselves, under a name of theirs
    {"EHLO", "550 5.7.1 your name is not liked"},
    {"EHLO", "421 4.3.2 shutting down"},
    {"MAIL", "554 5.3.0 this host is being repaired"},
    {"MAIL", "530 5.7.0 must issue a STARTTLS command first"},
    {"MAIL", "503 5.5.1 bad sequence"},
    {"MAIL", "452 4.3.1 the disk is full"},
    {"MAIL", "421 too many messages"},
    {"RCPT", "421 4.7.0 shutting down"},
    {"RCPT", "521 5.3.2 does not accept mail"},
    {"DATA", "421 shutting down"},
};

TEST_F(ExchangersTest, WhatAServerSaysOfItselfSendsTheMessageToTheNextOne) {
    for (const Word& word : kOfTheServer) {
        SCOPED_TRACE(word.command + " " + word.reply);
        one_.greeting = "220 one";
        one_.answers = {{word.command == "EHLO" ? "HELO" : "-", word.reply}};
        if (word.command == "greeting")
            one_.greeting = word.reply;
        else
            one_.answers[word.command] = word.reply;
        two_.taken.clear();
        one_.taken.clear();
        send({"bob@b.test"});
        time_.run_for(seconds(5));
        EXPECT_THAT(two_.taken, SizeIs(1));
        EXPECT_THAT(one_.taken, IsEmpty());
        EXPECT_THAT(queued(), IsEmpty());
        time_.run_for(seconds(20)); // the waiting connection closes
    }
    EXPECT_EQ(alices_messages(), 0U) << "no report";
}

const std::vector<Word> kOfTheDomain{
    {"MAIL", "550 5.1.8 the sender's domain does not exist"},
    {"MAIL", "550 5.7.23 SPF says no"},
    {"MAIL", "552 too big"},
    {"MAIL", "552 5.3.4 too big"},
    {"MAIL", "550 the sender is not liked"},
    {"RCPT", "550 no such user"},
    {"RCPT", "554 5.7.1 not from you"},
    {"RCPT", "556 5.1.10 receives no mail"},
    {"DATA", "554 no valid recipients"},
    {".", "550 5.7.1 spam"},
};

TEST_F(ExchangersTest, WhatIsSaidOfTheMessageEndsIt) {
    std::uint64_t reports = 0;
    for (const Word& word : kOfTheDomain) {
        SCOPED_TRACE(word.command + " " + word.reply);
        one_.answers = {{word.command, word.reply}};
        send({"bob@b.test"});
        time_.run_for(seconds(5));
        EXPECT_THAT(queued(), IsEmpty());
        EXPECT_EQ(alices_messages(), ++reports);
        time_.run_for(seconds(20));
    }
    EXPECT_EQ(two_.connections, 0U) << "the domain has spoken";
}

TEST_F(ExchangersTest, WhenEveryServerHasRefusedTheMessageIsRefused) {
    one_.greeting = "554 not here";
    two_.greeting = "554 nor here";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(alices_messages(), 1U);
}

TEST_F(ExchangersTest, OneServerThatMayStillTakeItKeepsTheMessageWaiting) {
    for (const bool first_waits : {true, false}) {
        one_.greeting = first_waits ? "450 later" : "554 never";
        two_.greeting = first_waits ? "554 never" : "450 later";
        send({"bob@b.test"});
        time_.run_for(seconds(5));
        ASSERT_THAT(queued(), SizeIs(1));
        EXPECT_EQ(waiting().last_reply, "450 later");
        EXPECT_EQ(waiting().last_server, first_waits ? "one.b.test" : "two.b.test");
        EXPECT_TRUE(run(queue_.remove(queued()[0].message.id)).has_value());
        relay_->forget_failures();
        time_.run_for(seconds(1));
    }
    EXPECT_EQ(alices_messages(), 0U);
}

TEST_F(ExchangersTest, AServerWhoseAddressIsNotKnownNowHasNotRefused) {
    resolver_.table.add("b.test", "MX", "30 three.b.test");
    resolver_.table.fail("three.b.test", net::DnsStatus::server_failure);
    one_.greeting = two_.greeting = "554 never";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(alices_messages(), 0U);
}

TEST_F(ExchangersTest, RecipientsThatWereAnsweredAreNotAskedAgain) {
    one_.answers = {{"RCPT TO:<bob@", "421 4.3.2 shutting down"}};
    send({"nobody@b.test", "bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(two_.taken, SizeIs(1));
    EXPECT_THAT(two_.commands, ::testing::Not(::testing::Contains("RCPT TO:<nobody@b.test>")));
    EXPECT_EQ(alices_messages(), 1U) << "the report about nobody";
}

TEST_F(ExchangersTest, AMessageThatOneServerMayHaveIsNotGivenToAnother) {
    one_.answers_max = 4; // breaks where the end of the message is to be answered
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_EQ(two_.connections, 0U);
    EXPECT_THAT(queued(), SizeIs(1)) << "it is sent again later";
}

TEST_F(ExchangersTest, AServerThatBreaksOffBeforeTheMessageLeavesItToTheNext) {
    for (std::size_t answers = 0; answers < 4; ++answers) {
        SCOPED_TRACE(answers);
        one_.answers_max = answers;
        two_.taken.clear();
        send({"bob@b.test"});
        time_.run_for(seconds(5));
        EXPECT_THAT(two_.taken, SizeIs(1));
        time_.run_for(seconds(20));
    }
}

TEST_F(ExchangersTest, AnAttemptEndsHoweverManyServersHang) {
    std::vector<std::unique_ptr<Sink>> hanging;
    for (int number = 10; number < 30; ++number) {
        const std::string host = "mx" + std::to_string(number) + ".c.test";
        const std::string at = "198.51.100." + std::to_string(number);
        resolver_.table.add("c.test", "MX", "10 " + host);
        resolver_.table.add(host, "A", at);
        hanging.push_back(std::make_unique<Sink>(&time_, &network_, at));
        hanging.back()->hangs = Sink::Hangs::at_greeting;
    }
    send({"bob@c.test"});
    time_.run_for(std::chrono::minutes(36));
    EXPECT_EQ(waiting().state, store::RecipientState::deferred);
    EXPECT_EQ(waiting().attempts, 1U);
}

/// A domain whose MX is `localhost`, at a server that trusts its own machine.
TEST_F(ExchangersTest, MailDoesNotGoRoundInACircle) {
    one_.greeting = two_.greeting = "220 mail.a.test ESMTP Tegami";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(one_.commands, IsEmpty());
    EXPECT_EQ(alices_messages(), 1U) << "the report";
}

/// Networks lose packets to one of a server's addresses, most often the one of IPv6.
TEST_F(ExchangersTest, WhereOneAddressHangsTheNextIsTakenAtTheSameAttempt) {
    resolver_.table.add("one.b.test", "A", "192.0.2.4");
    Sink other(&time_, &network_, "192.0.2.4");
    one_.hangs = Sink::Hangs::at_greeting;
    send({"bob@b.test"});
    time_.run_for(std::chrono::minutes(6));
    EXPECT_EQ(one_.connections, 1U);
    EXPECT_THAT(other.taken, SizeIs(1));
    EXPECT_THAT(queued(), IsEmpty());
}

/// A server that takes one message a connection, or has closed while the connection waited.
TEST_F(ExchangersTest, AWaitingConnectionThatIsWorthNothingDelaysNothing) {
    one_.answers_max = 5;
    for (std::size_t count = 1; count <= 3; ++count) {
        send({"bob@b.test"});
        time_.run_for(seconds(2));
        EXPECT_THAT(one_.taken, SizeIs(count));
        EXPECT_EQ(one_.connections, count);
    }
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(two_.connections, 0U);
}

TEST_F(ExchangersTest, AnAddressWithoutAWayToItIsNoWord) {
    resolver_.table.add("one.b.test", "AAAA", "2001:db8::1");
    one_.greeting = two_.greeting = "554 never";
    send({"bob@b.test"});
    time_.run_for(std::chrono::minutes(5));
    EXPECT_EQ(alices_messages(), 1U);
}

} // namespace
} // namespace tegami::relay
