// Opportunistic TLS (RFC 7435): a server with which it fails gets the message in the clear, at the same attempt. Where
// the domain promises TLS (RFC 7672), it gets nothing.
#include "net/test_support.h"
#include "net/tls_handshake_fixture.h"
#include "net/tlsa_fixture.h"
#include "relay/acceptor_fixture.h"
#include "relay/connection.h"
#include "store/engine/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::relay {
namespace {

const IpAddress kTlsClient = IpAddress::parse("192.0.2.1").value();
const IpAddress kTlsServer = IpAddress::parse("192.0.2.2").value();

/// What goes wrong with TLS at the server.
enum class Fails {
    nothing,
    hides_starttls,
    refuses_starttls,
    client_certificate,  ///< it wants one, and says so when our side is done (TLS 1.3)
    closes_at_handshake, ///< instead of shaking hands
    silent_at_starttls,  ///< never answers the command
    silent_at_handshake, ///< nor the handshake, after "220"
    closes_after,        ///< the handshake is done on both sides
    closes_after_ehlo,   ///< without an answer under TLS
    silent_after,        ///< says nothing more
};

class TlsServer {
public:
    TlsServer(async::VirtualTime* time, net::SimulatedNetwork* network, const net::testing::TlsMaterial* tls,
              Fails fails)
        : time_(*time), tls_(*tls), fails_(fails),
          acceptor_(*time, *network, {kTlsServer, 25}, [this](auto stream) { return serve(stream); }) {
        if (fails == Fails::client_certificate) net::testing::require_client_certificates(*tls->server);
    }

    std::size_t connections = 0;

private:
    async::Awaitable<> serve(std::shared_ptr<net::Stream> stream) {
        ++connections;
        const auto greeted = co_await stream->write_all("220 mail.b.test\r\n");
        if (!greeted) co_return;
        bool secure = false;
        for (;;) {
            std::string octets(1024, '\0');
            const auto got = co_await stream->read_some(octets.data(), octets.size());
            if (!got) co_return;
            octets.resize(*got);
            if (secure && fails_ == Fails::closes_after_ehlo) co_return;
            std::string reply = "250 ok\r\n";
            const bool offers = !secure && fails_ != Fails::hides_starttls;
            if (octets.starts_with("EHLO") && offers) reply = "250-mail.b.test\r\n250 STARTTLS\r\n";
            const bool starts = octets.starts_with("STARTTLS");
            if (starts) reply = fails_ == Fails::refuses_starttls ? "554 no\r\n" : "220 go\r\n";
            if (starts && fails_ == Fails::silent_at_starttls) co_await async::sleep(&time_, std::chrono::hours(2));
            const auto written = co_await stream->write_all(reply);
            if (!written) co_return;
            if (!starts || fails_ == Fails::refuses_starttls) continue;
            if (fails_ == Fails::closes_at_handshake) co_return;
            if (fails_ == Fails::silent_at_handshake) co_await async::sleep(&time_, std::chrono::hours(2));
            const auto started = co_await stream->start_tls(tls_.server);
            if (!started || fails_ == Fails::closes_after) co_return;
            if (fails_ == Fails::silent_after) co_await async::sleep(&time_, std::chrono::hours(2));
            secure = true;
        }
    }

    async::VirtualTime& time_;
    const net::testing::TlsMaterial& tls_;
    const Fails fails_;
    Acceptor acceptor_;
};

class ConnectionTlsTest : public ::testing::Test {
protected:
    Result<std::unique_ptr<Connection>, NotOpened> open(TlsDemand demand) {
        return time_.run(Connection::open(&dependencies_, Target{.host = "mail.b.test", .endpoint = {kTlsServer, 25}},
                                          std::move(demand)));
    }

    TlsDemand dane(const net::testing::TlsMaterial& published) const {
        return {.kind = TlsDemand::Kind::dane,
                .server_name = "mail.b.test",
                .tlsa = {net::testing::tlsa_of(published.folder.file("certificate.pem"), 0, 3, 1, 1)}};
    }

    async::VirtualTime time_{3};
    net::SimulatedNetwork network_{&time_};
    store::MemoryEngine engine_;
    store::Store store_{&engine_, &time_};
    const net::testing::TlsMaterial tls_;
    const ConnectionDependencies dependencies_{.network = network_.host(kTlsClient),
                                               .store = store_,
                                               .timers = time_,
                                               .tls = tls_.opportunistic,
                                               .host_name = "mail.a.test"};
};

TEST_F(ConnectionTlsTest, WhereItFailsTheMessageGoesInTheClear) {
    for (const Fails fails : {Fails::nothing, Fails::hides_starttls, Fails::refuses_starttls, Fails::client_certificate,
                              Fails::closes_at_handshake, Fails::silent_at_starttls, Fails::silent_at_handshake,
                              Fails::closes_after, Fails::closes_after_ehlo, Fails::silent_after}) {
        SCOPED_TRACE(static_cast<int>(fails));
        const TlsServer server(&time_, &network_, &tls_, fails);
        const auto opened = open({.server_name = "mail.b.test"});
        ASSERT_TRUE(opened.has_value()) << opened.error().text;
        EXPECT_TRUE((*opened)->reusable());
        EXPECT_EQ((*opened)->tls().empty(), fails != Fails::nothing);
    }
}

// RFC 7672 §2.2: no certificate that is published, no TLS, or no more of it: nothing is sent, and not tried in the
// clear.
TEST_F(ConnectionTlsTest, WhereTlsIsPromisedNothingGoesInTheClear) {
    for (const Fails fails : {Fails::hides_starttls, Fails::refuses_starttls, Fails::client_certificate,
                              Fails::closes_at_handshake, Fails::silent_at_starttls, Fails::silent_at_handshake,
                              Fails::closes_after, Fails::closes_after_ehlo, Fails::silent_after}) {
        for (TlsDemand demand : {dane(tls_), TlsDemand{.kind = TlsDemand::Kind::encrypted}}) {
            SCOPED_TRACE(static_cast<int>(fails));
            const TlsServer server(&time_, &network_, &tls_, fails);
            const auto opened = open(std::move(demand));
            ASSERT_FALSE(opened.has_value());
            EXPECT_EQ(opened.error().stage, smtp::Stage::tls);
            EXPECT_EQ(opened.error().outcome, smtp::Outcome::temporary);
            EXPECT_EQ(smtp::to_string(opened.error().status), "4.7.10");
            EXPECT_TRUE(opened.error().of_server);
            EXPECT_EQ(server.connections, 1u);
        }
    }
}

TEST_F(ConnectionTlsTest, OnlyAServerWithThePublishedCertificateIsSpokenTo) {
    const net::testing::TlsMaterial other;
    const TlsServer server(&time_, &network_, &tls_, Fails::nothing);
    const auto proven = open(dane(tls_));
    ASSERT_TRUE(proven.has_value()) << proven.error().text;
    EXPECT_EQ((*proven)->demand(), dane(tls_));
    const auto encrypted = open({.kind = TlsDemand::Kind::encrypted, .server_name = "mail.b.test"});
    ASSERT_TRUE(encrypted.has_value()) << encrypted.error().text;
    const auto wrong = open(dane(other));
    ASSERT_FALSE(wrong.has_value());
    EXPECT_THAT(wrong.error().text, ::testing::HasSubstr("the certificate is not the one that the DNS publishes"));
    EXPECT_EQ(server.connections, 3u);
}

} // namespace
} // namespace tegami::relay
