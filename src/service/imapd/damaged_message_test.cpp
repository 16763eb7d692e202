// One message that the disk has damaged among others that it has not.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DamagedMessage : public ::testing::Test {
protected:
    DamagedMessage() {
        for (const char* word : {"one", "two", "three"})
            server_.deliver("INBOX", "Subject: x\r\n\r\nthe letter " + std::string(word) + "\r\n", 1);
        server_.damage("INBOX", 2);
        server_.say(client_, "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n");
        server_.time().run_for(std::chrono::seconds(1));
        client_.received.clear();
    }

    const std::string& answer_to(const std::string& command) {
        server_.say(client_, command + "\r\n");
        server_.time().run_for(std::chrono::seconds(1));
        return client_.received;
    }

    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client& client_ = server_.connect();
};

TEST_F(DamagedMessage, the_others_are_fetched) {
    EXPECT_THAT(answer_to("c FETCH 1:3 BODY.PEEK[]"),
                AllOf(HasSubstr("letter one"), HasSubstr("letter three"), HasSubstr("c NO [CORRUPTION]"),
                      Not(HasSubstr("* 2 FETCH"))));
}

TEST_F(DamagedMessage, the_others_are_found) {
    EXPECT_THAT(answer_to("c SEARCH BODY letter"),
                AllOf(HasSubstr("* SEARCH 1 3\r\n"), HasSubstr("c OK Some messages are damaged")));
}

} // namespace

} // namespace tegami::imapd::testing
