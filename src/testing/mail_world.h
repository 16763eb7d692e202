// What tests of the upper rooms stand on: a store in memory with the product's directory over it, on virtual time, and
// servers on a simulated network.
#pragma once

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "directory/authenticator.h"
#include "directory/directory.h"
#include "net/simulated_network.h"
#include "store/engine/memory.h"
#include "store/journey.h"
#include "store/store.h"
#include "testing/dialogue.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tegami::testing {

inline message::EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

/// A store and a directory that knows one domain and the password of its users, kPassword.
class MailWorld : public ::testing::Test {
protected:
    static constexpr std::string_view kPassword = "builder77";

    explicit MailWorld(std::string_view domain = "b.test") {
        const message::Domain own = message::Domain::parse(domain).value();
        directory_ =
            run(directory::Directory::open(
                    {store_, workers_, time_, time_.random()},
                    {.default_domain = own, .cost = {.memory_kib = 16, .passes = 1, .scram_iterations = 4096}}))
                .value();
        EXPECT_TRUE(run(directory_->administration().add_domain({.name = own, .catch_all = {}})));
    }

    template <class T>
    T run(async::Awaitable<T> work) {
        return time_.run(std::move(work));
    }

    store::AccountId add_account(std::string_view name, std::uint64_t quota_bytes = 0) {
        return run(directory_->administration().add_account(
                       {.address = address(name), .password = std::string(kPassword), .quota_bytes = quota_bytes}))
            .value()
            .id;
    }

    store::AccountPtr account(store::AccountId id) { return run(store_.account(id)).value(); }

    async::VirtualTime time_{5};
    store::MemoryEngine engine_;
    async::InlinePool workers_;
    SilentLog log_;
    store::Store store_{&engine_, &time_};
    store::Journeys journeys_{&engine_, &time_, &time_.random()};
    std::unique_ptr<directory::Directory> directory_;
};

/// Servers at kServer, and a client at kClient. What serves must outlive stop(), which the fixture calls at its end.
class ServerWorld : public MailWorld {
protected:
    using Serve = std::function<async::Awaitable<>(std::unique_ptr<net::Stream> stream)>;

    ServerWorld() {
        authenticator_ = std::make_unique<directory::Authenticator>(
            directory::Authenticator::Dependencies{.credentials = directory_->credentials(),
                                                   .app_passwords = directory_->app_passwords(),
                                                   .second_factors = directory_->second_factors(),
                                                   .passkeys = directory_->passkeys(),
                                                   .sessions = directory_->sessions(),
                                                   .known_networks = directory_->known_networks(),
                                                   .clock = time_,
                                                   .random = time_.random(),
                                                   .log = log_});
    }

    /// Everybody who connects to the port is served in a task of tasks_.
    void listen(std::uint16_t port, Serve serve) {
        listeners_.push_back(network_.host(kServer).listen({kServer, port}, time_.executor()).value());
        serves_.push_back(std::make_unique<Serve>(std::move(serve)));
        tasks_.spawn("listener", accept_loop(listeners_.back().get(), serves_.back().get()));
    }

    void stop() {
        tasks_.cancel();
        run(tasks_.join());
    }

    net::Network& client() { return network_.host(kClient); }

    Texts talk_to(std::uint16_t port, Texts sends) {
        return run(talk(&client(), &time_, {kServer, port}, std::move(sends)));
    }

    /// Tasks beside those that listen.
    std::size_t connections() const { return tasks_.running() - listeners_.size(); }

    static inline const IpAddress kServer = IpAddress::parse("192.0.2.2").value();
    static inline const IpAddress kClient = IpAddress::parse("192.0.2.1").value();

    net::SimulatedNetwork network_{&time_};
    net::CurrentTlsServerContext tls_{nullptr};
    std::unique_ptr<directory::Authenticator> authenticator_;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};

private:
    async::Awaitable<> accept_loop(net::Listener* listener, const Serve* serve) {
        for (;;) {
            auto stream = co_await listener->accept(time_.executor());
            if (!stream) co_return;
            tasks_.spawn("connection", (*serve)(std::move(*stream)));
        }
    }

    std::vector<std::unique_ptr<Serve>> serves_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
};

} // namespace tegami::testing
