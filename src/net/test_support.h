// For the tests of this room: a world with real sockets on loopback, or a simulated one, and certificates for it.
#pragma once

#include "async/run.h"
#include "async/task_group.h"
#include "net/real_network.h"
#include "net/simulated_network.h"
#include "net/tls_context.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace tegami::net::testing {

using async::Awaitable;

/// A folder that is gone when the test is.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-net-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string file(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// A server's certificate for mail.b.test and 127.0.0.1, and clients that trust it, or nobody.
struct TlsMaterial {
    TemporaryFolder folder;
    std::shared_ptr<const TlsServerContext> server;
    std::shared_ptr<const TlsClientContext> trusting;
    std::shared_ptr<const TlsClientContext> strict;
    std::shared_ptr<const TlsClientContext> opportunistic;

    TlsMaterial() {
        const std::string certificate = folder.file("certificate.pem");
        const std::string key = folder.file("key.pem");
        create_own_certificate({{"mail.b.test", "127.0.0.1"}, certificate, key, SystemClock().now()}).value();
        server = TlsServerContext::create({certificate, key, {"imap", "smtp"}}).value();
        trusting = TlsClientContext::create({TlsVerification::required, certificate}).value();
        strict = TlsClientContext::create({}).value();
        opportunistic = TlsClientContext::create({TlsVerification::opportunistic, ""}).value();
    }
};

/// One world of the two. Its coroutines run in tasks of a group that is joined at the end.
class World {
public:
    virtual ~World() = default;
    virtual async::Timers& timers() = 0;
    virtual async::Executor executor() = 0;
    virtual Network& client() = 0;
    virtual std::unique_ptr<Listener> listen() = 0;
    virtual void run(Awaitable<> work) = 0;
};

class RealWorld final : public World {
public:
    explicit RealWorld(std::string address = "127.0.0.1") : address_(std::move(address)) {}

    async::Timers& timers() override { return timers_; }

    async::Executor executor() override { return context_.get_executor(); }

    Network& client() override { return network_; }

    std::unique_ptr<Listener> listen() override {
        return network_.listen({IpAddress::parse(address_).value(), 0}, executor()).value();
    }

    void run(Awaitable<> work) override { async::run_on(context_, std::move(work)); }

    RealNetwork& network() { return network_; }

private:
    const std::string address_;
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    RealNetwork network_{&timers_};
};

class SimulatedWorld final : public World {
public:
    explicit SimulatedWorld(std::uint64_t seed = 1) : time_(seed), network_(&time_) {}

    async::Timers& timers() override { return time_; }

    async::Executor executor() override { return time_.executor(); }

    Network& client() override { return network_.host(client_address()); }

    std::unique_ptr<Listener> listen() override {
        return network_.host(server_address()).listen({server_address(), 25}, executor()).value();
    }

    void run(Awaitable<> work) override { time_.run(std::move(work)); }

    async::VirtualTime& time() { return time_; }

    SimulatedNetwork& network() { return network_; }

    static IpAddress client_address() { return IpAddress::parse("192.0.2.1").value(); }

    static IpAddress server_address() { return IpAddress::parse("192.0.2.2").value(); }

private:
    async::VirtualTime time_;
    SimulatedNetwork network_;
};

} // namespace tegami::net::testing
