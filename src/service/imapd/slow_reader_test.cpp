// Clients that ask for much and read nothing, that speak drop by drop or without end: they wait for themselves alone, and not
// for ever.
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMessageBytes = 1'000'000;

async::Awaitable<> say(net::Stream* stream, std::string octets) {
    const auto written = co_await stream->write_all(octets.data(), octets.size());
    EXPECT_TRUE(written);
}

async::Awaitable<std::size_t> read_to_the_end(net::Stream* stream) {
    std::vector<char> buffer(65536);
    std::size_t total = 0;
    while (true) {
        const auto octets = co_await stream->read_some(buffer.data(), buffer.size());
        if (!octets) co_return total;
        total += *octets;
    }
}

TEST(SlowReader, HoldsUpNobodyAndIsCutOff) {
    TestServer server({.tls = TlsMode::none, .password_without_tls = true});
    server.deliver("INBOX", "Subject: x\r\n\r\n" + std::string(kMessageBytes, 'x') + "\r\n", 1);
    const std::unique_ptr<net::Stream> slow = server.dial();
    server.time().run(say(slow.get(), "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\nc FETCH 1 (FLAGS BODY[])\r\n"));
    server.time().run_for(std::chrono::seconds(1));

    Client& other = server.connect();
    server.say(other, "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS (\\Flagged)\r\n");
    server.time().run_for(std::chrono::seconds(1));
    EXPECT_THAT(other.received, HasSubstr("c OK STORE completed"));

    server.time().run_for(std::chrono::minutes(10));
    EXPECT_LT(server.time().run(read_to_the_end(slow.get())), kMessageBytes);
}

/// Minutes until the server ends the connection of a client that says an octet in each of them.
int minutes_of_dripping(TestServer& server, Client& client, std::string_view octets) {
    for (int minute = 0; minute < 100; ++minute) {
        if (client.closed) return minute;
        server.say(client, std::string(1, octets[static_cast<std::size_t>(minute) % octets.size()]));
        server.time().run_for(std::chrono::minutes(1));
    }
    return 100;
}

TEST(SlowSpeaker, HasOneTimeForOneCommand) {
    TestServer server({.tls = TlsMode::none, .password_without_tls = true});
    for (const std::string_view octets : {"a LOGIN user@b.test secret", " ", "a LOGIN {6}", "\""})
        EXPECT_LE(minutes_of_dripping(server, server.connect(), octets), 4) << octets;
    for (const std::string& command : {"a AUTHENTICATE PLAIN\r\n", "a LOGIN {100}\r\n", "a LOGIN {100+}\r\n"}) {
        Client& client = server.connect();
        server.say(client, command);
        EXPECT_LE(minutes_of_dripping(server, client, "x"), 5) << command;
    }
    Client& known = server.connect();
    server.say(known, "a LOGIN user@b.test secret\r\n");
    EXPECT_LE(minutes_of_dripping(server, known, "b NOOP"), 33);
}

TEST(EndlessSpeaker, IsCutOffBeforeLogin) {
    for (const std::string& begin : {"", "a LOGIN ", "a LOGIN {100000+}\r\n", "a APPEND INBOX {100000+}\r\n"}) {
        TestServer server({.tls = TlsMode::none, .password_without_tls = true});
        Client& client = server.connect();
        server.say(client, begin);
        int pieces = 0;
        for (; pieces < 100 && !client.closed; ++pieces) {
            server.say(client, std::string(8192, 'x'));
            server.time().run_for(std::chrono::seconds(1));
        }
        EXPECT_LE(pieces, 18) << begin;
        EXPECT_THAT(client.received, HasSubstr("* BYE ")) << begin;
    }
}

} // namespace

} // namespace tegami::imapd::testing
