// Serves the administration on the UNIX socket in the data directory. Whoever reaches it is its operator: the system
// lets the server's user alone open it.
#pragma once

#include "admin/admin.h"
#include "async/event.h"
#include "async/task_group.h"
#include "net/http_server.h"
#include "net/real_network.h"

#include <chrono>
#include <memory>
#include <string>

namespace tegami::app {

/// Limit: admin connections at one time; further ones wait in the system's queue until one of them ends.
inline constexpr std::size_t kAdminConnectionsMax = 100;
/// How long an end waits for answers that are under way.
inline constexpr auto kLastAnswersTime = std::chrono::seconds(2);

class AdminListener {
public:
    /// All of them outlive it. `executor` is where requests are answered.
    struct Dependencies {
        admin::Admin& admin;
        net::RealNetwork& network;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
        async::Executor executor;
    };

    explicit AdminListener(Dependencies dependencies);

    /// Listens (mode 0600).
    Result<void, std::string> open(const std::string& socket_path);
    /// Takes requests and answers them until stop(); for one task on the executor.
    async::Awaitable<> run();
    /// Takes no more, and ends what is not answered within kLastAnswersTime. On the executor's thread.
    async::Awaitable<> stop();

private:
    async::Awaitable<> serve(std::unique_ptr<net::Stream> stream);

    Dependencies dependencies_;
    net::HttpRoutes routes_;
    const net::HttpDependencies http_;
    std::unique_ptr<net::Listener> listener_;
    std::size_t open_ = 0;     ///< connections
    async::Event one_is_over_; ///< set whenever one has ended
    async::TaskGroup tasks_;
};

} // namespace tegami::app
