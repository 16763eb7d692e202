// Serves Admin on the UNIX socket in the data directory.
#pragma once

#include "admin/admin.h"
#include "async/task_group.h"
#include "base/log.h"
#include "net/http_server.h"
#include "net/real_network.h"

#include <memory>
#include <string>

namespace tegami::app {

class AdminListener {
public:
    /// All of them outlive it. `executor` is where requests are answered.
    struct Dependencies {
        admin::Admin& admin;
        net::RealNetwork& network;
        async::Timers& timers;
        Log& log;
        async::Executor executor;
    };

    explicit AdminListener(Dependencies dependencies);

    /// Listens (mode 0600).
    Result<void, std::string> open(const std::string& socket_path);
    /// Takes requests and answers them until stop(); for one task on the executor.
    async::Awaitable<> run();
    /// Ends everything that is under way. On the executor's thread.
    async::Awaitable<> stop();

private:
    static async::Awaitable<net::HttpResponse> answer(admin::Admin* admin, net::HttpRequest request);

    Dependencies dependencies_;
    net::HttpRoutes routes_;
    std::unique_ptr<net::Listener> listener_;
    async::TaskGroup tasks_;
};

} // namespace tegami::app
