// Opportunistic TLS (RFC 7435): a server with which it fails gets the message in the clear, at the same attempt.
#include "async/task_group.h"
#include "async/virtual_time.h"
#include "net/simulated_network.h"
#include "net/test_support.h"
#include "net/tls_handshake_fixture.h"
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
          listener_(network->host(kTlsServer).listen({kTlsServer, 25}, time->executor()).value()),
          tasks_(time->executor(), [](std::string_view, std::string_view reason) { ADD_FAILURE() << reason; }) {
        if (fails == Fails::client_certificate) net::testing::require_client_certificates(*tls->server);
        tasks_.spawn("server", accept());
    }

    ~TlsServer() {
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

private:
    async::Awaitable<> accept() {
        for (;;) {
            auto stream = co_await listener_->accept(time_.executor());
            if (!stream) co_return;
            tasks_.spawn("connection", serve(std::shared_ptr<net::Stream>(std::move(*stream))));
        }
    }

    async::Awaitable<> serve(std::shared_ptr<net::Stream> stream) {
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
            if (octets.starts_with("EHLO") && !secure) reply = "250-mail.b.test\r\n250 STARTTLS\r\n";
            if (octets.starts_with("STARTTLS")) reply = "220 go\r\n";
            const bool starts = octets.starts_with("STARTTLS");
            if (starts && fails_ == Fails::silent_at_starttls) co_await async::sleep(&time_, std::chrono::hours(2));
            const auto written = co_await stream->write_all(reply);
            if (!written) co_return;
            if (!starts) continue;
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
    std::unique_ptr<net::Listener> listener_;
    async::TaskGroup tasks_;
};

TEST(ConnectionTls, WhereItFailsTheMessageGoesInTheClear) {
    for (const Fails fails :
         {Fails::nothing, Fails::client_certificate, Fails::closes_at_handshake, Fails::silent_at_starttls,
          Fails::silent_at_handshake, Fails::closes_after, Fails::closes_after_ehlo, Fails::silent_after}) {
        SCOPED_TRACE(static_cast<int>(fails));
        async::VirtualTime time{3};
        net::SimulatedNetwork network{&time};
        store::MemoryEngine engine;
        store::Store store{&engine, &time};
        const net::testing::TlsMaterial tls;
        const ConnectionDependencies dependencies{.network = network.host(kTlsClient),
                                                  .store = store,
                                                  .timers = time,
                                                  .tls = tls.opportunistic,
                                                  .host_name = "mail.a.test"};
        const TlsServer server(&time, &network, &tls, fails);
        const auto opened =
            time.run(Connection::open(&dependencies, Target{.host = "mail.b.test", .endpoint = {kTlsServer, 25}}));
        ASSERT_TRUE(opened.has_value()) << opened.error().text;
        EXPECT_TRUE((*opened)->reusable());
        EXPECT_EQ((*opened)->tls().empty(), fails != Fails::nothing);
    }
}

} // namespace
} // namespace tegami::relay
