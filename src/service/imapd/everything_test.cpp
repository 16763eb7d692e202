// The store says that anything may have changed (store::Change::everything): the session compares its numbers with the
// present view and tells the client the difference.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;

class EverythingTest : public ::testing::Test {
protected:
    void SetUp() override {
        for (int number = 1; number <= 3; ++number)
            server_.deliver("INBOX", "Subject: x\r\n\r\nletter\r\n", number);
        say("a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n");
        client_->received.clear();
        server_.change_elsewhere(2);
        // The second one of them finds the account read again, whatever becomes of the first.
        say("c UID STORE 2 +FLAGS (\\Flagged)\r\nd UID STORE 3 +FLAGS (\\Answered)\r\n");
    }

    void say(std::string line) {
        server_.say(*client_, std::move(line));
        server_.time().run_for(std::chrono::seconds(1));
    }

    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client* client_ = &server_.connect();
};

TEST_F(EverythingTest, ExpungesAndNewMessagesAreTold) {
    say("e NOOP\r\n");
    EXPECT_THAT(client_->received, HasSubstr("* 1 EXPUNGE\r\n"));
    EXPECT_THAT(client_->received, HasSubstr("* 4 EXISTS\r\n"));
}

TEST_F(EverythingTest, NoUidIsMissingAfterwards) {
    say("e UID SEARCH ALL\r\nf UID FETCH 1:* (FLAGS)\r\n");
    EXPECT_THAT(client_->received, HasSubstr("* SEARCH 2 3 4 5\r\ne OK"));
    for (const char* const line : {"* 1 FETCH (UID 2 ", "* 2 FETCH (UID 3 ", "* 3 FETCH (UID 4 ", "* 4 FETCH (UID 5 "})
        EXPECT_THAT(client_->received, HasSubstr(line));
}

} // namespace

} // namespace tegami::imapd::testing
