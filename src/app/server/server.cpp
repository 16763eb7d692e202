// What a running server does: it takes connections, keeps its tasks running, and ends.
#include "app/server/server.h"

#include "app/server/housekeeping.h"
#include "app/server/log_writer.h"
#include "app/server/rights.h"
#include "app/server/server_parts.h"
#include "app/server/ticket_keys.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <sys/resource.h>
#include <unistd.h>

namespace tegami::app {

namespace {

/// How often the service manager is told how the server is.
constexpr auto kStatusInterval = std::chrono::seconds(30);

} // namespace

Server::~Server() = default;

void Server::start() {
    async::TaskGroup& first = *groups_.front();
    supervisor_.run_again(first, "journeys", [this] { return backend_->journeys().run(&timers_); });
    supervisor_.run_again(first, "counts of mail", [this] { return backend_->traffic().run(&timers_, &log_); });
    supervisor_.run_again(first, "counts for reports", [this] { return backend_->tally().run(&timers_); });
    if (reports_) supervisor_.run_again(first, "reports", [this] { return reports_->daily().run(); });
    supervisor_.run_again(first, "word indexes", [this] { return indexer_->run(); });
    if (attachments_) supervisor_.run_again(first, "attachments", [this] { return attachments_->run(); });
    supervisor_.run_again(first, "housekeeping",
                          [this] { return keep_house(backend_.get(), &config_, &timers_, &log_); });
    supervisor_.run_again(first, "dkim keys", [this] { return key_keeper_->run(); });
    supervisor_.run_again(first, "ticket keys",
                          [this] { return renew_ticket_keys(&certificates_->current(), &timers_); });
    supervisor_.run_again(first, "certificate",
                          [this] { return certificates_->run(resolver_.get(), publisher_.get()); });
    if (jmapd::Service* const jmap = web_->jmap()) first.spawn("web push", jmap->pusher.run(&first));
    supervisor_.run_again(first, "figures", [this] { return slow_figures_->run(); });
    supervisor_.run_again(first, "memory watch", [this] { return memory_watch_->run(); });
    supervisor_.run_again(first, "service manager", [this] { return tell_manager(); });
    if (const auto interval = manager_.watchdog_interval()) {
        heartbeat_ = std::make_unique<Heartbeat>(
            parts_that_may_hang(*contexts_, lanes_.lanes(), backend_->engine()), [this] { manager_.alive(); }, timers_,
            log_);
        const Duration beat = std::max<Duration>(*interval / 4, std::chrono::milliseconds(10));
        supervisor_.run_again(first, "heartbeat", [this, beat] { return heartbeat_->run(beat); });
    }
    supervisor_.run_essential(first, "relay", relay_->run());
    supervisor_.run_essential(first, "admin listener", admin_listener_->run());
    connections_->start(supervisor_);
}

void Server::request_reload() {
    groups_.front()->spawn("reload", reload_and_tell());
}

async::Awaitable<> Server::reload_and_tell() {
    const admin::ReloadOutcome outcome = co_await live_->reload();
    for (const std::string& problem : outcome.problems)
        log_.error("the configuration was not read again", {{"reason", problem}});
}

/// What a person sees who asks the service manager.
async::Awaitable<> Server::tell_manager() {
    for (;;) {
        manager_.set_status(figures_->sentence());
        co_await async::sleep(&timers_, kStatusInterval);
    }
}

async::Awaitable<> Server::stop_on_context() {
    if (connections_) connections_->close();
    // Whoever has asked for this end is to hear that it was done, and others what became of what they asked.
    if (admin_listener_) co_await admin_listener_->stop();
    if (web_) co_await web_->let_answers_out(timers_.instant() + kLastAnswersTime);
    if (relay_) co_await relay_->stop();
    backend_->journeys().stop();
    for (std::size_t number = groups_.size(); number-- > 0;) {
        groups_[number]->cancel();
        co_await groups_[number]->join();
    }
    const auto flushed = co_await backend_->journeys().flush();
    if (!flushed) log_.warning("the last journey events are lost", {{"reason", flushed.error().detail}});
    const auto traffic = co_await backend_->traffic().flush();
    if (!traffic) log_.warning("the last counts of mail are lost", {{"reason", traffic.error().detail}});
    const auto counted = co_await backend_->tally().flush();
    if (!counted) log_.warning("the last counts for reports are lost", {{"reason", counted.error().detail}});
    // Here, on its thread: it always waits for something, so the thread would not end before it.
    resolver_.reset();
}

void Server::stop() {
    supervisor_.stop();
    if (contexts_) {
        auto stopped = boost::asio::co_spawn(contexts_->executor(0), stop_on_context(), boost::asio::use_future);
        if (attachments_) attachments_->stop();
        if (helpers_ != nullptr) helpers_->stop(); // or it would wait until a file is read
        stopped.get();
        contexts_->release();
        contexts_->join();
    }
    backend_.reset();
    lanes_.stop();
    attachment_worker_.stop();
    archive_worker_.stop();
}

namespace {

/// Limit: files beside connections: the store's tables and segments, sockets to other servers.
constexpr rlim_t kOtherFiles = 2000;
/// Limit: how long an end after a failure may take; whatever hangs then, the process is gone and started again.
constexpr unsigned kFailedStopSeconds = 30;

/// Serves until a signal ends it, or a failure; SIGHUP reads the configuration again.
class Serving {
public:
    Serving() : signals_(context_, SIGINT, SIGTERM, SIGHUP) {}

    /// From any thread.
    void fail() { end(Reason::failure); }

    /// From any thread.
    void restart() { end(Reason::restart); }

    /// Returns the exit status.
    int run(Server& server) {
        bool asked = false;
        while (!asked && reason_ == Reason::signal) {
            signals_.async_wait([&](const boost::system::error_code& error, int signal) {
                if (error) return;
                if (signal == SIGHUP) {
                    server.request_reload();
                } else {
                    asked = true;
                }
            });
            context_.run();
            if (reason_ == Reason::signal) context_.restart();
        }
        if (reason_ == Reason::failure) return 1;
        return asked ? 0 : kStartAgain;
    }

private:
    enum class Reason : std::uint8_t { signal, restart, failure };

    void end(Reason reason) {
        reason_ = reason;
        context_.stop();
    }

    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_;
    std::atomic<Reason> reason_ = Reason::signal;
};

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

/// A name for the service manager, in which no colon may be.
std::string socket_name(const net::Endpoint& endpoint) {
    std::string name = fmt::format("tegami-{}", endpoint.to_string());
    std::ranges::replace(name, ':', '_');
    return name;
}

/// Sockets that a manager kept are taken over, the others are made: ports below 1024 are bound as whoever started the
/// process.
Result<void, std::string> bind_ports(const Config& config, net::RealNetwork& network, ServiceManager& manager) {
    for (InheritedSocket& inherited : manager.take_sockets()) {
        const auto local = net::bound_to(inherited.socket.get());
        const auto is_ours = [&local](const Listener& listener) { return local && listener.endpoint == *local; };
        if (std::ranges::any_of(config.listeners, is_ours))
            network.adopt(*local, std::move(inherited.socket));
        else
            manager.forget(inherited.name);
    }
    const std::map<net::Endpoint, int> adopted = network.bound();
    for (const Listener& listener : config.listeners)
        if (!adopted.contains(listener.endpoint)) TRY_VOID(network.bind(listener.endpoint));
    for (const auto& [local, socket] : network.bound())
        manager.keep(socket_name(local), socket);
    return {};
}

/// What needs rights that are given up then.
Result<RightsGivenUp, std::string> make_ready(const Config& config, net::RealNetwork& network,
                                              ServiceManager& manager) {
    TRY_VOID(bind_ports(config, network, manager));
    return give_up_rights(config);
}

} // namespace

int run_server(const Config& config, std::span<const webd::File> web_files, net::Network& network,
               ServiceManager& manager, extraction::Helpers* helpers) {
    // Before any thread is made: a signal must not end the process in between.
    Serving serving;
    std::signal(SIGPIPE, SIG_IGN);
    admin::LogFeed feed;
    LogWriter log(config.log, 2, &feed);
    log.write_before_abort();
    raise_file_limit(config, log);
    manager.set_status("Opening the store.");
    const auto server = Server::create(config, {.log = log,
                                                .network = network,
                                                .on_failure = [&serving] { serving.fail(); },
                                                .manager = manager,
                                                .web_files = web_files,
                                                .on_restart = [&serving] { serving.restart(); },
                                                .log_lines_left_out = [&log] { return log.lines_left_out(); },
                                                .log_feed = &feed,
                                                .helpers = helpers});
    if (!server) {
        log.error("the server cannot start", {{"reason", server.error()}});
        return 1;
    }
    (*server)->start();
    manager.ready();
    const int status = serving.run(**server);
    if (status == 1) ::alarm(kFailedStopSeconds);
    log.info("stopping");
    manager.stopping();
    feed.close();
    (*server)->stop();
    return status;
}

int run_server(const Config& config, std::span<const webd::File> web_files) {
    async::RealTimers timers;
    net::RealNetwork network(&timers);
    ServiceManager manager = ServiceManager::from_environment();
    auto ready = make_ready(config, network, manager);
    {
        // The log has a thread, so it begins only now.
        LogWriter log(config.log);
        if (!ready) {
            log.error("the server cannot start", {{"reason", ready.error()}});
            return 1;
        }
        for (const std::string& sentence : ready->missing)
            log.warning("not all rights were given up", {{"reason", sentence}});
        if (!ready->helpers)
            log.warning("attached files are not searched, and reports in archives have to wait",
                        {{"reason", ready->helpers.error()}});
        else if (!has((*ready->helpers)->formats(), extraction::Format::pdf))
            log.warning("attached PDF files are not searched", {{"missing", "pdftotext of poppler-utils"}});
    }
    return run_server(config, web_files, network, manager, ready->helpers ? ready->helpers->get() : nullptr);
}

} // namespace tegami::app
