// A listener of a test's server on the simulated network: each connection is served in a task that ends with it.
#pragma once

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "net/simulated_network.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace tegami::relay {

class Acceptor {
public:
    using Serve = std::function<async::Awaitable<>(std::shared_ptr<net::Stream>)>;

    /// The last member of its server, which `serve` belongs to.
    Acceptor(async::VirtualTime& time, net::SimulatedNetwork& network, net::Endpoint at, Serve serve)
        : time_(time), serve_(std::move(serve)),
          listener_(network.host(at.address).listen(at, time.executor()).value()),
          tasks_(time.executor(), [](std::string_view, std::string_view reason) { ADD_FAILURE() << reason; }) {
        tasks_.spawn("server", accept());
    }

    ~Acceptor() {
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

private:
    async::Awaitable<> accept() {
        for (;;) {
            auto stream = co_await listener_->accept(time_.executor());
            if (!stream) co_return;
            tasks_.spawn("connection", serve_(std::shared_ptr<net::Stream>(std::move(*stream))));
        }
    }

    async::VirtualTime& time_;
    Serve serve_;
    std::unique_ptr<net::Listener> listener_;
    async::TaskGroup tasks_;
};

} // namespace tegami::relay
