// A mailbox of 30,000 messages is never worked on in one turn: the others on the thread are served in between.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace tegami::imapd::testing {

namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr int kDoublings = 15;
constexpr std::uint64_t kMessages = std::uint64_t{1} << kDoublings;

class LongWork : public ::testing::Test {
protected:
    LongWork() {
        server_.create_mailbox("Many");
        server_.deliver("Many", "Subject: x\r\n\r\nletter\r\n", 1);
        server_.multiply("Many", kDoublings);
        say("a LOGIN user@b.test secret\r\nb SELECT Many\r\n");
        EXPECT_THAT(client_->received, HasSubstr("* " + std::to_string(kMessages) + " EXISTS\r\n"));
    }

    /// Runs the command and returns how many handlers ran meanwhile: each turn that ends is two of them or more.
    std::uint64_t say(std::string lines) {
        client_->received.clear();
        const std::uint64_t before = server_.time().handlers_run();
        server_.say(*client_, std::move(lines));
        server_.time().run_for(std::chrono::seconds(60));
        return server_.time().handlers_run() - before;
    }

    /// The end of what the server has said.
    std::string end() const {
        const std::string& all = client_->received;
        return all.substr(all.size() - std::min<std::size_t>(all.size(), 60));
    }

    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client* client_ = &server_.connect();
};

TEST_F(LongWork, FetchOfFlags) {
    EXPECT_GE(say("c FETCH 1:* (FLAGS)\r\n"), 2 * kMessages / 128);
    EXPECT_THAT(end(), EndsWith("c OK FETCH completed\r\n"));
    EXPECT_GE(say("d UID FETCH 1:* (UID) (CHANGEDSINCE 1)\r\n"), 2 * kMessages / 128);
    EXPECT_THAT(end(), EndsWith("d OK UID FETCH completed\r\n"));
}

TEST_F(LongWork, StoreThatAnswers) {
    EXPECT_GE(say("c STORE 1:* +FLAGS (\\Seen)\r\n"), 2 * kMessages / 128);
    EXPECT_THAT(end(), EndsWith("c OK STORE completed\r\n"));
}

TEST_F(LongWork, StoreThatIsSilent) {
    EXPECT_GE(say("c STORE 1:* +FLAGS.SILENT (\\Seen)\r\n"), 2 * kMessages / (8 * 1024));
    EXPECT_EQ(client_->received, "c OK STORE completed\r\n");
}

TEST_F(LongWork, SearchResults) {
    EXPECT_GE(say("c UID SEARCH ALL\r\n"), 2 * kMessages / 512);
    EXPECT_THAT(end(), EndsWith(" 32767 32768\r\nc OK UID SEARCH completed\r\n"));
    say("d STORE 1:32768 -FLAGS.SILENT (\\Seen)\r\n");
    EXPECT_GE(say("e SEARCH RETURN (ALL) UNSEEN\r\n"), 2 * kMessages / 512);
    EXPECT_THAT(client_->received, HasSubstr("* ESEARCH (TAG \"e\") ALL 1:32768\r\n"));
    EXPECT_GE(say("f SORT (REVERSE SIZE) UTF-8 ALL\r\n"), 2 * kMessages / 1024);
    EXPECT_THAT(end(), EndsWith(" 32767 32768\r\nf OK SORT completed\r\n"));
}

TEST_F(LongWork, ExpungesAreTold) {
    server_.remove_mailbox("Many");
    EXPECT_GE(say("c NOOP\r\n"), 2 * kMessages / 256);
    EXPECT_THAT(end(), EndsWith("* 1 EXPUNGE\r\n* 0 RECENT\r\nc OK NOOP completed\r\n"));
}

// What is held of the messages of one APPEND is little, counted, and given back.
TEST(LongAppend, HoldsLittleOfEachMessage) {
    TestServer server{{.tls = TlsMode::none, .password_without_tls = true}};
    Client& client = server.connect();
    server.say(client, "a LOGIN user@b.test secret\r\n");
    server.time().run_for(std::chrono::seconds(1));
    const std::uint64_t before = server.memory().used();
    constexpr std::uint64_t kAppended = 1000;
    std::string command = "c APPEND INBOX";
    for (std::uint64_t count = 0; count < kAppended; ++count)
        command += " {1015+}\r\nSubject: x\r\n\r\n" + std::string(999, 'y') + "\r\n";
    client.received.clear();
    server.say(client, command.substr(0, command.size() - 2) + "\r\n\r\n");
    std::uint64_t most = before;
    for (int step = 0; step < 10'000 && !client.received.contains("c OK"); ++step) {
        server.time().run_for(std::chrono::microseconds(100));
        most = std::max(most, server.memory().used());
    }
    EXPECT_THAT(client.received, HasSubstr(" 1:1000] APPEND completed\r\n"));
    EXPECT_GT(most, before + kAppended * 100);
    EXPECT_LT(most, before + kAppended * 500 + 512 * 1024) << "with those that wait to be stored together";
    EXPECT_LE(server.memory().used(), before);
}

// What messages are sorted by is counted, and given back.
TEST(LongSort, CountsItsKeys) {
    TestServer server{{.tls = TlsMode::none, .password_without_tls = true}};
    const std::string letter = "From: " + std::string(900, 'a') + "@b.test\r\n\r\nletter\r\n";
    server.deliver_many("INBOX", std::vector<std::string>(60, letter), 60);
    server.multiply("INBOX", 5);
    Client& client = server.connect();
    const auto sort = [&] {
        client.received.clear();
        server.say(client, "c SORT (FROM) UTF-8 ALL\r\n");
        server.time().run_for(std::chrono::seconds(1));
        return client.received;
    };
    server.say(client, "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n");
    server.time().run_for(std::chrono::seconds(1));
    const std::uint64_t before = server.memory().used();
    {
        // Nothing is left but the quarter for those who need little.
        MemoryBudget::Charge others(&server.memory());
        ASSERT_TRUE(others.resize(server.memory().bytes_max() / 4 * 3 - before));
        EXPECT_THAT(sort(), HasSubstr("c NO [UNAVAILABLE]"));
    }
    EXPECT_THAT(sort(), EndsWith(" 1920\r\nc OK SORT completed\r\n"));
    EXPECT_LE(server.memory().used(), before);
}

} // namespace

} // namespace tegami::imapd::testing
