#include "app/admin_listener.h"

#include <sys/stat.h>

namespace tegami::app {

namespace {

/// Limit: an import of kImportEntriesMax lines with the longest addresses and passwords fits.
constexpr std::size_t kAdminBodyBytesMax = 4U << 20;
/// Limit: connections at one time; further ones wait in the system's queue.
constexpr std::size_t kAdminConnectionsMax = 100;

} // namespace

AdminListener::AdminListener(Needs needs)
    : needs_(std::move(needs)),
      tasks_(needs_.executor, [log = &needs_.log](std::string_view task, std::string_view reason) {
          log->error("an admin connection broke off", {{"task", task}, {"reason", reason}});
      }) {
    routes_.add("POST", "/*",
                [admin = &needs_.admin](net::HttpRequest request) { return answer(admin, std::move(request)); });
}

async::Awaitable<net::HttpResponse> AdminListener::answer(Admin* admin, net::HttpRequest request) {
    co_return co_await admin->handle(std::move(request));
}

Result<void, std::string> AdminListener::open(const std::string& socket_path) {
    TRY(listener_, needs_.network.listen_local(socket_path, 0600, needs_.executor));
    return {};
}

async::Awaitable<> AdminListener::run() {
    const net::HttpLimits limits{.body_bytes_max = kAdminBodyBytesMax};
    for (;;) {
        auto stream = co_await listener_->accept(needs_.executor);
        if (!stream && stream.error() == net::IoError::cancelled) co_return;
        if (!stream || tasks_.running() > kAdminConnectionsMax) {
            co_await async::sleep(&needs_.timers, std::chrono::milliseconds(200));
            if (!stream) continue;
        }
        tasks_.spawn("request", net::serve_http(*std::move(stream), &routes_, limits, &needs_.timers));
    }
}

async::Awaitable<> AdminListener::stop() {
    if (listener_) listener_->close();
    tasks_.cancel();
    co_await tasks_.join();
}

} // namespace tegami::app
