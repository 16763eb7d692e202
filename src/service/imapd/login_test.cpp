// Logins whose words depend on the connection, so that no transcript can hold them: STARTTLS and SCRAM.
#include "base/base64.h"
#include "protocol/sasl/client.h"
#include "service/imapd/test_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

async::Awaitable<std::string> read_line(net::Stream* stream) {
    std::string line;
    while (!line.ends_with("\r\n")) {
        char octet = 0;
        const auto octets = co_await stream->read_some(&octet, 1);
        if (!octets) co_return line + "<end>";
        line.push_back(octet);
    }
    co_return line;
}

async::Awaitable<std::string> ask(net::Stream* stream, std::string line) {
    line += "\r\n";
    co_await stream->write_all(line.data(), line.size());
    co_return co_await read_line(stream);
}

async::Awaitable<> start_tls(net::Stream* stream) {
    net::TlsClientOptions options{.host_name = "mail.b.test"};
    const auto secured = co_await stream->start_tls(tls_material().opportunistic, std::move(options));
    EXPECT_TRUE(secured) << stream->error_text();
}

async::Awaitable<> log_in_after_starttls(net::Stream* stream) {
    const std::string greeting = co_await read_line(stream);
    EXPECT_THAT(greeting, HasSubstr(" STARTTLS LOGINDISABLED"));
    // The NOOP in the clear behind STARTTLS is never answered under TLS.
    const std::string begin = co_await ask(stream, "a1 STARTTLS\r\na2 NOOP");
    EXPECT_THAT(begin, StartsWith("a1 OK"));
    co_await start_tls(stream);
    const std::string capability = co_await ask(stream, "a3 CAPABILITY");
    EXPECT_THAT(capability, StartsWith("* CAPABILITY"));
    EXPECT_THAT(capability, HasSubstr("AUTH=SCRAM-SHA-256-PLUS"));
    EXPECT_THAT(capability, Not(HasSubstr("STARTTLS")));
    const std::string done = co_await read_line(stream);
    EXPECT_THAT(done, StartsWith("a3 OK"));
    const std::string again = co_await ask(stream, "a4 STARTTLS");
    EXPECT_THAT(again, StartsWith("a4 BAD"));
    const std::string logged_in = co_await ask(stream, "a5 LOGIN user@b.test secret");
    EXPECT_THAT(logged_in, StartsWith("a5 OK"));
}

TEST(Login, StartTlsThrowsAwayWhatCameInTheClear) {
    TestServer server({.tls = TlsMode::starttls});
    const std::unique_ptr<net::Stream> stream = server.dial();
    server.time().run(log_in_after_starttls(stream.get()));
}

async::Awaitable<std::string> scram(net::Stream* stream, RandomSource* random, std::string password, bool plus) {
    co_await start_tls(stream);
    const std::string greeting = co_await read_line(stream);
    EXPECT_THAT(greeting, HasSubstr("AUTH=SCRAM-SHA-256-PLUS"));
    std::optional<sasl::ChannelBinding> binding;
    if (plus) binding = sasl::ChannelBinding{.type = "tls-exporter", .data = stream->tls_info()->exporter_binding};
    sasl::ScramClient client({.user = "user@b.test", .password = std::move(password)}, *random,
                             sasl::ScramClient::BindingSupport::none, binding);
    std::string said = "a1 AUTHENTICATE ";
    said += plus ? "SCRAM-SHA-256-PLUS " : "SCRAM-SHA-256 ";
    said += base64::encode(client.first());
    const std::string first = co_await ask(stream, std::move(said));
    const auto challenge = base64::decode(first.substr(2, first.size() - 4));
    std::string proof = base64::encode(client.final(challenge.value()).value());
    const std::string last = co_await ask(stream, std::move(proof));
    if (!last.starts_with("+ ")) co_return last;
    EXPECT_TRUE(client.verify(base64::decode(last.substr(2, last.size() - 4)).value()));
    co_return co_await ask(stream, "");
}

TEST(Login, ScramProvesBothSides) {
    for (const bool plus : {false, true}) {
        TestServer server({.tls = TlsMode::implicit});
        const std::unique_ptr<net::Stream> stream = server.dial();
        const std::string answer = server.time().run(scram(stream.get(), &server.time().random(), "secret", plus));
        EXPECT_THAT(answer, StartsWith("a1 OK [CAPABILITY"));
    }
}

TEST(Login, ScramWithAWrongPasswordIsRefused) {
    TestServer server({.tls = TlsMode::implicit});
    const std::unique_ptr<net::Stream> stream = server.dial();
    const std::string answer = server.time().run(scram(stream.get(), &server.time().random(), "wrong", true));
    EXPECT_THAT(answer, StartsWith("a1 NO [AUTHENTICATIONFAILED]"));
}

async::Awaitable<std::string> lose_the_account(net::Stream* stream, directory::Administration* administration,
                                               bool idle) {
    co_await read_line(stream);
    const std::string logged_in = co_await ask(stream, "a1 LOGIN user@b.test secret");
    EXPECT_THAT(logged_in, StartsWith("a1 OK"));
    if (idle) {
        const std::string selected = co_await ask(stream, "a2 SELECT INBOX\r\na3 IDLE");
        std::string line = selected;
        while (!line.starts_with("+ idling")) {
            std::string next = co_await read_line(stream);
            line = std::move(next);
        }
    }
    message::EmailAddress address = message::parse_email_address("user@b.test").value();
    const auto changed = co_await administration->set_password(std::move(address), "another");
    EXPECT_TRUE(changed);
    co_return co_await read_line(stream);
}

TEST(Login, ANewPasswordEndsTheSessions) {
    for (const bool idle : {false, true}) {
        TestServer server({.tls = TlsMode::none, .password_without_tls = true});
        const std::unique_ptr<net::Stream> stream = server.dial();
        const std::string last = server.time().run(lose_the_account(stream.get(), &server.administration(), idle));
        EXPECT_THAT(last, StartsWith("* BYE Your account has changed")) << idle;
        EXPECT_THAT(server.time().run(read_line(stream.get())), "<end>");
    }
}

TEST(Login, AConnectionThatIsNotAdmittedIsTold) {
    TestServer server({.tls = TlsMode::none});
    server.refuse_connections();
    const std::unique_ptr<net::Stream> stream = server.dial();
    const std::string greeting = server.time().run(read_line(stream.get()));
    EXPECT_THAT(greeting, StartsWith("* BYE"));
}

} // namespace

} // namespace tegami::imapd::testing
