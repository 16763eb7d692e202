#include "app/server/admin_listener.h"

#include <sys/stat.h>

namespace tegami::app {

namespace {

/// Limit: an import of admin::kImportEntriesMax lines with the longest addresses and passwords fits.
constexpr std::size_t kAdminBodyBytesMax = 4U << 20;
/// Limit: connections at one time; further ones wait in the system's queue.
constexpr std::size_t kAdminConnectionsMax = 100;

} // namespace

AdminListener::AdminListener(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      tasks_(dependencies_.executor, [log = &dependencies_.log](std::string_view task, std::string_view reason) {
          log->error("an admin connection broke off", {{"task", task}, {"reason", reason}});
      }) {
    routes_.add("POST", "/*",
                [admin = &dependencies_.admin](net::HttpRequest request) { return answer(admin, std::move(request)); });
}

async::Awaitable<net::HttpResponse> AdminListener::answer(admin::Admin* admin, net::HttpRequest request) {
    co_return co_await admin->handle(std::move(request));
}

Result<void, std::string> AdminListener::open(const std::string& socket_path) {
    TRY(listener_, dependencies_.network.listen_local(socket_path, 0600, dependencies_.executor));
    return {};
}

async::Awaitable<> AdminListener::run() {
    const net::HttpLimits limits{.body_bytes_max = kAdminBodyBytesMax};
    for (;;) {
        auto stream = co_await listener_->accept(dependencies_.executor);
        if (!stream && stream.error() == net::IoError::cancelled) co_return;
        if (!stream || tasks_.running() > kAdminConnectionsMax) {
            co_await async::sleep(&dependencies_.timers, std::chrono::milliseconds(200));
            if (!stream) continue;
        }
        tasks_.spawn("request", net::serve_http(*std::move(stream), &routes_, limits, &dependencies_.timers));
    }
}

async::Awaitable<> AdminListener::stop() {
    if (listener_) listener_->close();
    tasks_.cancel();
    co_await tasks_.join();
}

} // namespace tegami::app
