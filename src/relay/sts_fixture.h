// For tests: the server with the policy of b.test (MTA-STS) on a simulated network.
#pragma once

#include "net/test_support.h"
#include "relay/acceptor_fixture.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::relay {

/// A certificate for the policy's server and for mx.b.test, and clients that trust its authority.
struct StsMaterial {
    net::testing::TemporaryFolder folder;
    std::shared_ptr<const net::TlsServerContext> server;
    std::shared_ptr<const net::TlsClientContext> client; ///< opportunistic

    StsMaterial() {
        const std::string certificate = folder.file("certificate.pem");
        const std::string key = folder.file("key.pem");
        net::create_own_certificate({{"mta-sts.b.test", "mx.b.test"}, certificate, key, SystemClock().now()}).value();
        server = net::TlsServerContext::create({certificate, key, {"http/1.1"}}).value();
        client = net::TlsClientContext::create({net::TlsVerification::opportunistic, certificate}).value();
    }

    /// One for all tests: keys and authorities take their time.
    static const StsMaterial& get() {
        static const StsMaterial made;
        return made;
    }
};

class StsServer {
public:
    StsServer(async::VirtualTime* time, net::SimulatedNetwork* network, std::string_view at)
        : tls(StsMaterial::get().server), time_(*time), acceptor_(*time, *network, {IpAddress::parse(at).value(), 443},
                                                                  [this](auto stream) { return serve(stream); }) {}

    static std::string policy(std::string_view mode, std::string_view mx = "mx.b.test",
                              std::uint64_t max_age = 604800) {
        return fmt::format("version: STSv1\r\nmode: {}\r\nmx: {}\r\nmax_age: {}\r\n", mode, mx, max_age);
    }

    /// The policy as the answer, as it should be.
    void publish(std::string_view policy) {
        answer =
            fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{}",
                        policy.size(), policy);
    }

    std::string answer; ///< empty: none ever comes
    std::shared_ptr<const net::TlsServerContext> tls;
    std::size_t connections = 0;
    std::vector<std::string> requests;
    std::string server_name; ///< the last client's SNI

private:
    async::Awaitable<> serve(std::shared_ptr<net::Stream> stream) {
        ++connections;
        const auto started = co_await stream->start_tls(tls);
        if (!started) co_return;
        std::string request(4096, '\0');
        const auto got = co_await stream->read_some(request.data(), request.size());
        if (!got) co_return;
        request.resize(*got);
        requests.push_back(request);
        server_name = stream->tls_info()->server_name;
        if (answer.empty()) co_await async::sleep(&time_, std::chrono::hours(1));
        const auto written = co_await stream->write_all(answer);
        if (written) co_await stream->finish();
    }

    async::VirtualTime& time_;
    Acceptor acceptor_;
};

} // namespace tegami::relay
