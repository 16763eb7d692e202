#include "app/server/connections.h"

#include "net/forwarded.h"
#include "net/proxy_header.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

namespace tegami::app {

namespace {

/// One more as long as it lives.
class Counted {
public:
    explicit Counted(std::atomic<std::int64_t>* count) : count_(count) { ++*count_; }

    ~Counted() { --*count_; }

    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::atomic<std::int64_t>* count_;
};

} // namespace

Result<void, std::string> Connections::open() {
    for (const Listener& settings : on_.config.listeners) {
        TRY(auto listener, on_.network.listen(settings.endpoint, on_.groups.front()->executor()));
        listeners_.push_back(
            std::make_unique<OpenListener>(OpenListener{.settings = settings, .listener = std::move(listener)}));
    }
    return {};
}

void Connections::start(Supervisor& supervisor) {
    for (const std::unique_ptr<OpenListener>& listener : listeners_) {
        on_.log.info("listening", {{"service", name_of(listener->settings.service)},
                                   {"address", listener->listener->local_endpoint().to_string()}});
        supervisor.run_essential(*on_.groups.front(), fmt::format("listener {}", name_of(listener->settings.service)),
                                 accept_loop(listener.get()));
    }
}

void Connections::close() {
    for (const std::unique_ptr<OpenListener>& listener : listeners_)
        listener->listener->close();
}

std::vector<net::Endpoint> Connections::endpoints() const {
    std::vector<net::Endpoint> all;
    for (const std::unique_ptr<OpenListener>& listener : listeners_)
        all.push_back(listener->listener->local_endpoint());
    return all;
}

async::Awaitable<> Connections::accept_loop(OpenListener* from) {
    for (;;) {
        // What it tells of itself the server gathers on the first thread.
        const bool is_metrics = from->settings.service == Service::metrics;
        const std::size_t number = is_metrics ? 0 : next_group_++ % on_.groups.size();
        auto stream = co_await from->listener->accept(on_.groups[number]->executor());
        if (!stream) {
            if (stream.error() == net::IoError::cancelled) co_return;
            on_.log.warning("a connection could not be taken", {{"reason", net::describe(stream.error())}});
            co_await async::sleep(&on_.timers, std::chrono::milliseconds(100));
            continue;
        }
        ServiceCounts& counts = counts_of(from->settings.service);
        auto place = on_.gate.enter(counted_client(**stream));
        (place && place->admitted() ? counts.accepted : counts.refused).add();
        if (!place) continue;
        std::string name = fmt::format("{} connection", name_of(from->settings.service));
        on_.groups[number]->spawn(std::move(name), serve_one(from->settings, *std::move(stream), std::move(place)));
    }
}

/// Proxies stand for many clients.
std::optional<IpAddress> Connections::counted_client(const net::Stream& stream) const {
    const IpAddress address = stream.remote_endpoint().address;
    return net::is_in_networks(on_.config.trusted_proxies, address) ? std::nullopt : std::optional(address);
}

/// Whether the proxy may speak for others, and has said for whom.
async::Awaitable<bool> Connections::learn_client(net::Stream* stream) {
    constexpr Duration kHeaderTime = std::chrono::seconds(10);
    std::string_view reason = "it is not one of trusted_proxies";
    if (!counted_client(*stream)) {
        stream->set_deadline(on_.timers.instant() + kHeaderTime);
        const auto taken = co_await net::take_proxy_header(stream);
        stream->set_deadline(Instant::max());
        // Balancers look whether somebody listens, and say nothing.
        if (taken || taken.error() == net::IoError::end_of_stream) co_return taken.has_value();
        reason = taken.error() == net::IoError::failed ? "it does not begin with a header of the PROXY protocol"
                                                       : net::describe(taken.error());
    }
    on_.log.warning("a connection past the proxy was closed",
                    {{"client", stream->remote_endpoint().address.to_string()}, {"reason", reason}});
    co_return false;
}

async::Awaitable<> Connections::serve_one(Listener settings, std::unique_ptr<net::Stream> stream,
                                          std::unique_ptr<ConnectionGate::Place> place) {
    if (settings.proxy_protocol) {
        const bool learned = co_await learn_client(stream.get());
        place.reset();
        if (learned) place = on_.gate.enter(counted_client(*stream));
        if (!place) co_return;
    }
    const Counted counted(&counts_of(settings.service).open);
    const bool admitted = place->admitted();
    const std::shared_ptr<const LiveSettings> live = on_.live.settings();
    switch (settings.service) {
    case Service::smtp:
    case Service::submission:
    case Service::submissions: {
        smtpd::Listener listener{.role = settings.service == Service::smtp ? reception::Role::mx
                                                                           : reception::Role::submission,
                                 .tls = settings.tls,
                                 .password_without_tls = settings.password_without_tls};
        co_await smtpd::serve(&on_.smtp, live->smtp, listener, std::move(stream), admitted);
        break;
    }
    case Service::pop3:
    case Service::pop3s: {
        pop3d::Listener listener{.tls = settings.tls, .password_without_tls = settings.password_without_tls};
        co_await pop3d::serve(&on_.pop3, on_.config.host_name, listener, std::move(stream), admitted);
        break;
    }
    case Service::imap:
    case Service::imaps: {
        imapd::ListenerOptions listener{.tls = settings.tls,
                                        .password_without_tls = settings.password_without_tls,
                                        .append_bytes_max = live->append_bytes_max};
        co_await imapd::serve_imap(&on_.imap, std::move(stream), listener, admitted);
        break;
    }
    case Service::https: {
        co_await httpd::serve(&on_.web.https(), std::move(stream), admitted);
        break;
    }
    case Service::http: {
        co_await httpd::serve_plainly(&on_.web.http(), std::move(stream), admitted);
        break;
    }
    case Service::metrics: {
        co_await httpd::serve_plainly(&on_.web.metrics(), std::move(stream), admitted);
        break;
    }
    }
}

} // namespace tegami::app
