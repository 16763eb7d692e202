// What is reached over HTTP: the routes of the services `https`, `http` and `metrics`, and what answers them.
#pragma once

#include "app/configuration/config.h"
#include "app/server/backend.h"
#include "app/server/certificate_keeper.h"
#include "app/server/server_figures.h"
#include "async/worker_lanes.h"
#include "base/memory_budget.h"
#include "delivery/delivery.h"
#include "net/tls_context.h"
#include "net/unanswered_requests.h"
#include "reception/reception.h"
#include "service/apid/api_routes.h"
#include "service/httpd/challenge_board.h"
#include "service/httpd/httpd.h"
#include "service/httpd/settings_routes.h"
#include "service/jmapd/service.h"
#include "service/webd/account_routes.h"
#include "service/webd/files.h"
#include "service/webd/outward_routes.h"
#include "service/webd/session_routes.h"
#include "sharing/shares.h"
#include "signing/signatures.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tegami::app {

class WebFace {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config;             ///< as it was at the start
        boost::asio::io_context& startup; ///< for what opening waits for
        Backend& backend;
        net::Network& network;
        net::Resolver& resolver;
        std::shared_ptr<const net::TlsClientContext> client_tls;
        net::AddressCheck may_reach; ///< of others' web servers
        CertificateKeeper& certificates;
        const httpd::ChallengeBoard& challenge_board;
        directory::Authenticator& authenticator;
        sharing::Shares& shares;
        reception::Reception& reception;
        delivery::Delivery& delivery;
        signing::Signatures& signatures;
        dkim::KeyCache& sender_keys;
        admin::Admin& admin;
        ServerFigures& figures;
        MemoryBudget& connection_memory;
        MemoryBudget& message_memory;
        async::WorkerPool& parsing;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
        std::span<const webd::File> files;
    };

    /// The error is for the operator. Blocks.
    static Result<std::unique_ptr<WebFace>, std::string> open(Dependencies dependencies);

    const httpd::Dependencies& https() const { return *https_; }

    const httpd::Dependencies& http() const { return *http_; }

    const httpd::Dependencies& metrics() const { return *metrics_; }

    /// Nothing if nobody can reach it, or no passwords are taken.
    jmapd::Service* jmap() { return jmap_.get(); }

    /// Returns when no answer is under way that has an end, or at `last`.
    async::Awaitable<> let_answers_out(Instant last) { return unanswered_.wait_for_none(&dependencies_.timers, last); }

private:
    explicit WebFace(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    void add_settings();
    Result<void, std::string> add_jmap(std::string base_url);
    void add_accounts(std::string base_url);
    Result<p256::Key, std::string> push_key();
    std::unique_ptr<httpd::Dependencies> over(const net::HttpRoutes& routes);

    const Dependencies dependencies_;
    net::UnansweredRequests unanswered_;
    std::unique_ptr<const httpd::SettingsSource> settings_;
    std::unique_ptr<jmapd::Service> jmap_;
    std::unique_ptr<const webd::SessionService> sessions_; ///< none where there is no jmap_; neither the next three
    std::unique_ptr<const webd::AccountService> own_accounts_;
    std::unique_ptr<const apid::ApiService> api_;
    std::unique_ptr<webd::OutwardService> outward_;
    net::HttpRoutes web_routes_;
    std::unique_ptr<httpd::Dependencies> https_;
    net::HttpRoutes plain_routes_;
    std::unique_ptr<httpd::Dependencies> http_;
    net::HttpRoutes metrics_routes_;
    std::unique_ptr<httpd::Dependencies> metrics_;
};

} // namespace tegami::app
