// Takes connections and serves them, each on one of the I/O threads.
#pragma once

#include "app/configuration/config.h"
#include "app/server/connection_gate.h"
#include "app/server/live_configuration.h"
#include "app/server/server_figures.h"
#include "app/server/supervisor.h"
#include "app/server/web_face.h"
#include "async/task_group.h"
#include "net/network.h"
#include "service/imapd/service.h"
#include "service/pop3d/pop3d.h"
#include "service/smtpd/smtpd.h"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tegami::app {

class Connections {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config; ///< as it was at the start
        net::Network& network;
        ConnectionGate& gate;
        const LiveConfiguration& live;
        std::array<ServiceCounts, kServiceCount>& counts;
        WebFace& web;
        smtpd::Dependencies smtp;
        pop3d::Dependencies pop3;
        imapd::Dependencies imap;
        std::span<const std::unique_ptr<async::TaskGroup>>
            groups; ///< one for each I/O thread; those of the first accept
        async::Timers& timers;
        Log& log;
    };

    explicit Connections(Dependencies dependencies) : on_(std::move(dependencies)) {}

    /// Listens where the configuration says; nothing is taken yet. The error is for the operator.
    Result<void, std::string> open();
    /// From now on connections are taken.
    void start(Supervisor& supervisor);
    /// No more are taken. On the first I/O thread.
    void close();

    /// Where it listens, in the order of the configuration.
    std::vector<net::Endpoint> endpoints() const;

private:
    struct OpenListener {
        Listener settings;
        std::unique_ptr<net::Listener> listener;
    };

    async::Awaitable<> accept_loop(OpenListener* from);
    std::optional<IpAddress> counted_client(const net::Stream& stream) const;
    async::Awaitable<bool> learn_client(net::Stream* stream);
    async::Awaitable<> serve_one(Listener settings, std::unique_ptr<net::Stream> stream,
                                 std::unique_ptr<ConnectionGate::Place> place);

    ServiceCounts& counts_of(Service service) { return on_.counts.at(static_cast<std::size_t>(service)); }

    Dependencies on_;
    std::vector<std::unique_ptr<OpenListener>> listeners_;
    std::size_t next_group_ = 0;
};

} // namespace tegami::app
