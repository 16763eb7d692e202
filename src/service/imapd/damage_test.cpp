// A mailbox whose record the disk has damaged: it is still listed, nothing can be done with it, all others work.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;

TEST(Damage, OneMailboxIsClosedAndTheOthersAreNot) {
    TestServer server({.tls = TlsMode::none, .password_without_tls = true});
    server.deliver("INBOX", "Subject: x\r\n\r\nx\r\n", 1);
    server.create_mailbox("Work/Below");
    server.damage_mailbox("Work");
    Client& client = server.connect();
    server.say(client,
               "a LOGIN user@b.test secret\r\nb LIST \"\" Work*\r\nc SELECT Work\r\nd STATUS Work (MESSAGES)\r\n"
               "e APPEND Work {3+}\r\nabc\r\nf CREATE Work\r\ng DELETE Work\r\nh SELECT INBOX\r\n"
               "i COPY 1 Work\r\nj COPY 1 Work/Below\r\nk SELECT Work/Below\r\n");
    server.time().run_for(std::chrono::seconds(5));
    EXPECT_THAT(client.received, HasSubstr("\\Noselect"));
    EXPECT_THAT(client.received, HasSubstr("(\\HasNoChildren) \"/\" Work/Below"));
    for (const char* tag : {"c", "d", "e", "f", "i"})
        EXPECT_THAT(client.received, HasSubstr("\r\n" + std::string(tag) + " NO [CORRUPTION] "));
    for (const char* tag : {"b", "h", "j", "k"})
        EXPECT_THAT(client.received, HasSubstr("\r\n" + std::string(tag) + " OK "));
    EXPECT_THAT(client.received, HasSubstr("* 1 EXISTS"));
}

} // namespace

} // namespace tegami::imapd::testing
