// The end of a journey: the first time that a session fetches a message's text is recorded; who stored a message with
// APPEND cannot pretend that it has a journey.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;

class RetrievalTest : public ::testing::Test {
protected:
    /// How often the message of the journey was fetched, after the command.
    std::size_t retrievals_after(const std::string& command) {
        client_.received.clear();
        server_.say(client_, command);
        server_.time().run_for(std::chrono::seconds(1));
        EXPECT_THAT(client_.received, HasSubstr(" OK "));
        EXPECT_TRUE(server_.time().run(server_.journeys().flush()).has_value());
        return server_.time().run(server_.journeys().events(journey_)).value().size();
    }

    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client& client_ = server_.connect();
    const std::string journey_ = server_.journeys().new_journey();
};

TEST_F(RetrievalTest, TheFirstFetchOfAMessagesTextIsRecorded) {
    server_.deliver("INBOX", "Subject: x\r\n\r\nwhole\r\n", 1, journey_);
    EXPECT_EQ(retrievals_after("a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n"), 0U);
    EXPECT_EQ(retrievals_after("c FETCH 1 (ENVELOPE BODY.PEEK[HEADER])\r\n"), 0U);
    EXPECT_EQ(retrievals_after("d FETCH 1 BODY.PEEK[]\r\n"), 1U);
    EXPECT_EQ(retrievals_after("e FETCH 1 BODY.PEEK[]\r\n"), 1U) << "once in a session";
    EXPECT_EQ(retrievals_after("f CLOSE\r\ng SELECT INBOX\r\nh FETCH 1 BODY.PEEK[TEXT]\r\n"), 2U);
}

TEST_F(RetrievalTest, ATraceFieldThatAClientMadeUpIsNoJourney) {
    const std::string forged =
        "Return-Path: <x@a.test>\r\nReceived: from x ([192.0.2.1])\r\n\tby mail.b.test (Tegami)\r\n"
        "\twith ESMTP id " +
        journey_ + ";\r\n\tnow\r\n\r\nbody\r\n";
    EXPECT_EQ(retrievals_after("a LOGIN user@b.test secret\r\nb APPEND INBOX {" + std::to_string(forged.size()) +
                               "+}\r\n" + forged + "\r\n"),
              0U);
    EXPECT_EQ(retrievals_after("c SELECT INBOX\r\nd FETCH 1 BODY[]\r\n"), 0U);
}

} // namespace

} // namespace tegami::imapd::testing
