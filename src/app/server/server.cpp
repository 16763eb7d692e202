#include "app/server/server.h"

#include "app/server/log_writer.h"
#include "app/server/server_parts.h"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include <fmt/format.h>

#include <csignal>
#include <sys/resource.h>

namespace tegami::app {

Server::~Server() = default;

void Server::start() {
    async::TaskGroup& first = *groups_.front();
    first.spawn("journeys", backend_->journeys().run());
    first.spawn("relay", relay_->run());
    first.spawn("daily sweep", sweep_daily());
    first.spawn("memory watch", memory_watch_->run());
    for (const std::unique_ptr<OpenListener>& listener : listeners_) {
        log_.info("listening", {{"service", name_of(listener->settings.service)},
                                {"address", listener->listener->local_endpoint().to_string()}});
        first.spawn(fmt::format("listener {}", name_of(listener->settings.service)), accept_loop(listener.get()));
    }
}

async::Awaitable<> Server::accept_loop(OpenListener* from) {
    for (;;) {
        const std::size_t number = next_context_++ % groups_.size();
        auto stream = co_await from->listener->accept(groups_[number]->executor());
        if (!stream) {
            if (stream.error() == net::IoError::cancelled) co_return;
            log_.warning("a connection could not be taken", {{"reason", net::describe(stream.error())}});
            co_await async::sleep(&timers_, std::chrono::milliseconds(100));
            continue;
        }
        auto place = gate_.enter((*stream)->remote_endpoint().address);
        if (!place) continue;
        std::string name = fmt::format("{} connection", name_of(from->settings.service));
        groups_[number]->spawn(std::move(name), serve_one(from->settings, *std::move(stream), std::move(place)));
    }
}

async::Awaitable<> Server::serve_one(Listener settings, std::unique_ptr<net::Stream> stream,
                                     std::unique_ptr<ConnectionGate::Place> place) {
    const bool admitted = place->admitted();
    switch (settings.service) {
    case Service::smtp:
    case Service::submission:
    case Service::submissions: {
        smtpd::Listener listener{.role = settings.service == Service::smtp ? reception::Role::mx
                                                                           : reception::Role::submission,
                                 .tls = settings.tls,
                                 .password_without_tls = settings.password_without_tls};
        co_await smtpd::serve(smtp_.get(), smtp_settings(), listener, std::move(stream), admitted);
        break;
    }
    case Service::pop3:
    case Service::pop3s: {
        pop3d::Listener listener{.tls = settings.tls, .password_without_tls = settings.password_without_tls};
        co_await pop3d::serve(pop3_.get(), config_.host_name, listener, std::move(stream), admitted);
        break;
    }
    case Service::imap:
    case Service::imaps: {
        imapd::ListenerOptions listener{.tls = settings.tls, .password_without_tls = settings.password_without_tls};
        co_await imapd::serve_imap(imap_.get(), std::move(stream), listener, admitted);
        break;
    }
    }
}

async::Awaitable<> Server::sweep_daily() {
    for (;;) {
        const auto erased = co_await backend_->directory().sweep();
        if (!erased) log_.warning("removed accounts were not erased", {{"reason", erased.error().message}});
        const auto swept = co_await backend_->store().sweep();
        if (!swept) log_.warning("housekeeping stopped early", {{"reason", swept.error().detail}});
        const auto forgotten = co_await backend_->journeys().sweep(std::chrono::days(config_.retention.journeys_days));
        if (!forgotten) log_.warning("old journeys were not removed", {{"reason", forgotten.error().detail}});
        co_await async::sleep(&timers_, std::chrono::hours(24));
    }
}

async::Awaitable<> Server::stop_on_context() {
    for (const std::unique_ptr<OpenListener>& listener : listeners_)
        listener->listener->close();
    co_await admin_listener_->stop();
    co_await relay_->stop();
    backend_->journeys().stop();
    for (std::size_t number = groups_.size(); number-- > 0;) {
        groups_[number]->cancel();
        co_await groups_[number]->join();
    }
    const auto flushed = co_await backend_->journeys().flush();
    if (!flushed) log_.warning("the last journey events are lost", {{"reason", flushed.error().detail}});
    // Here, on its thread: it always waits for something, so the thread would not end before it.
    resolver_.reset();
}

void Server::stop() {
    boost::asio::co_spawn(contexts_->executor(0), stop_on_context(), boost::asio::use_future).get();
    contexts_->release();
    contexts_->join();
    backend_.reset();
    workers_.stop();
}

namespace {

/// Limit: files beside connections: the store's tables and segments, sockets to other servers.
constexpr rlim_t kOtherFiles = 2000;

/// Serves until a signal ends it; SIGHUP reads the configuration again.
void serve_until_signal(Server& server, boost::asio::io_context& context, boost::asio::signal_set& signals, Log& log) {
    bool stopping = false;
    while (!stopping) {
        signals.async_wait([&](const boost::system::error_code& error, int signal) {
            if (error) return;
            if (signal != SIGHUP) {
                stopping = true;
                return;
            }
            for (const std::string& problem : server.reload().problems)
                log.error("the configuration was not read again", {{"reason", problem}});
        });
        context.restart();
        context.run();
    }
}

/// Every connection is an open file. Systems give a process few by default and let it ask for more.
void raise_file_limit(const Config& config, Log& log) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t needed = config.limits.connections + kOtherFiles;
    if (limit.rlim_max < needed)
        log.warning("this process may open fewer files than limits.connections needs",
                    {{"allowed", limit.rlim_max}, {"needed", needed}});
}

} // namespace

int run_server(Config config) {
    // Before any thread is made: a signal must not end the process in between.
    boost::asio::io_context context(1);
    boost::asio::signal_set signals(context, SIGINT, SIGTERM, SIGHUP);
    std::signal(SIGPIPE, SIG_IGN);
    LogWriter log(LogLevel::info);
    raise_file_limit(config, log);
    const auto server = Server::create(config, log);
    if (!server) {
        log.error("the server cannot start", {{"reason", server.error()}});
        return 1;
    }
    (*server)->start();
    serve_until_signal(**server, context, signals, log);
    log.info("stopping");
    (*server)->stop();
    return 0;
}

} // namespace tegami::app
