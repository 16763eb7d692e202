#include "app/server/admin_listener.h"

#include "async/first_of.h"

#include <sys/stat.h>

namespace tegami::app {

AdminListener::AdminListener(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      http_{
          .routes = routes_, .timers = dependencies_.timers, .random = dependencies_.random, .log = dependencies_.log},
      one_is_over_(dependencies_.executor),
      tasks_(dependencies_.executor, [log = &dependencies_.log](std::string_view task, std::string_view reason) {
          log->error("an admin connection broke off", {{"task", task}, {"reason", reason}});
      }) {
    dependencies_.admin.add_routes(routes_);
}

Result<void, std::string> AdminListener::open(const std::string& socket_path) {
    TRY(listener_, dependencies_.network.listen_local(socket_path, 0600, dependencies_.executor));
    return {};
}

async::Awaitable<> AdminListener::run() {
    for (;;) {
        while (open_ == kAdminConnectionsMax) {
            one_is_over_.reset();
            co_await one_is_over_.wait();
        }
        auto stream = co_await listener_->accept(dependencies_.executor);
        if (!stream && stream.error() == net::IoError::cancelled) co_return;
        if (!stream) {
            dependencies_.log.warning("an admin connection could not be taken",
                                      {{"reason", net::describe(stream.error())}});
            co_await async::sleep(&dependencies_.timers, std::chrono::milliseconds(200));
            continue;
        }
        ++open_;
        tasks_.spawn("request", serve(*std::move(stream)));
    }
}

async::Awaitable<> AdminListener::serve(std::unique_ptr<net::Stream> stream) {
    struct Place {
        AdminListener* listener;

        ~Place() {
            --listener->open_;
            listener->one_is_over_.set();
        }
    };

    const Place place{this};
    co_await net::serve_http(std::move(stream), &http_, {.body_bytes_max = admin::kMailBytesMax});
}

async::Awaitable<> AdminListener::stop() {
    if (listener_) listener_->close();
    // Whoever has asked for this end is to hear that it was done.
    const Instant last = dependencies_.timers.instant() + kLastAnswersTime;
    while (open_ > 0 && dependencies_.timers.instant() < last) {
        one_is_over_.reset();
        co_await async::first_of(one_is_over_.wait(), async::sleep_until(&dependencies_.timers, last));
    }
    tasks_.cancel();
    co_await tasks_.join();
}

} // namespace tegami::app
