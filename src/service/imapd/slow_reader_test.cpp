// A client that asks for much and reads nothing: it waits for itself alone, and not for ever.
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

} // namespace

} // namespace tegami::imapd::testing
