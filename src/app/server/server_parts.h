// The parts of a running server and how they are joined; run_server owns one.
//
// What runs, and what happens if it ends or throws without being told to:
// - Listeners, the admin listener, the relay, the handlers of an I/O thread (the resolver's among them) are essential:
//   the process ends, to be started again (supervisor.h).
// - Journeys, counts and reports, the word indexes, the daily housekeeping, the ticket keys, the certificate and the memory watch
//   begin anew after a pause, with a line in the log each time: nothing is lost by that, and mail goes on meanwhile.
// - Connections and requests end alone, with a line in the log.
// - The engine's own threads and the worker lanes do not throw; an exception there ends the process at once.
#pragma once

#include "admin/admin.h"
#include "admin/backups.h"
#include "admin/log_feed.h"
#include "admin/progress_board.h"
#include "app/configuration/config.h"
#include "app/server/acme_client.h"
#include "app/server/admin_listener.h"
#include "app/server/backend.h"
#include "app/server/certificate_keeper.h"
#include "app/server/connection_gate.h"
#include "app/server/connections.h"
#include "app/server/dns_update.h"
#include "app/server/heartbeat.h"
#include "app/server/live_configuration.h"
#include "app/server/memory_watch.h"
#include "app/server/reports.h"
#include "app/server/server_figures.h"
#include "app/server/service_manager.h"
#include "app/server/supervisor.h"
#include "app/server/web_face.h"
#include "async/context_pool.h"
#include "async/task_group.h"
#include "async/worker_lanes.h"
#include "delivery/delivery.h"
#include "extraction/helper.h"
#include "index/attachment_indexer.h"
#include "index/indexer.h"
#include "net/caching_resolver.h"
#include "net/real_network.h"
#include "net/tls_context.h"
#include "net/unbound_resolver.h"
#include "reception/reception.h"
#include "relay/relay.h"
#include "service/pop3d/pop3d.h"
#include "service/webd/files.h"
#include "sharing/shares.h"
#include "signing/key_keeper.h"
#include "signing/signatures.h"
#include "signing/zone_publisher.h"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace tegami::app {

class Server {
public:
    /// All of them outlive it.
    struct Dependencies {
        Log& log;
        net::Network& network; ///< of the services and the relay
        /// The process must end: something that everybody needs has. Called once, from any thread; must not block.
        std::function<void()> on_failure;
        ServiceManager& manager; ///< of this process
        std::span<const webd::File> web_files{};
        /// Somebody wants the process to end and to be started again. From any thread; must not block.
        std::function<void()> on_restart{};
        std::function<std::uint64_t()> log_lines_left_out{}; ///< since the start
        admin::LogFeed* log_feed = nullptr;     ///< the lines that were written; null: nobody can follow them
        extraction::Helpers* helpers = nullptr; ///< read foreign files; null: none are read
    };

    /// Opens everything and listens; nothing is served before start(). The error is for the operator; nothing is left
    /// open or running then.
    static Result<std::unique_ptr<Server>, std::string> create(const Config& config, Dependencies dependencies);
    ~Server(); ///< only after stop()

    void start();
    /// Stops taking connections, ends those there are, and waits until everything written is durable.
    void stop();
    /// Reads the configuration file again, as the admin request does; what came of it is in the log. From any thread.
    void request_reload();

    /// Where it listens, in the order of the configuration.
    std::vector<net::Endpoint> endpoints() const;

private:
    Server(const Config& config, Dependencies dependencies);

    Result<void, std::string> open();
    Result<void, std::string> open_backend();
    Result<void, std::string> open_tls();
    Result<void, std::string> open_threads();
    Result<std::unique_ptr<net::Resolver>, std::string> new_resolver();
    NewPrimary new_primary();
    async::Awaitable<directory::DirectoryResult<>> look_at_keys(message::Domain domain, bool renew);
    void make_delivery();
    Result<void, std::string> make_authority();
    void make_relay();
    void make_administration();
    Result<void, std::string> make_services();

    async::Awaitable<> stop_on_context();

    std::shared_ptr<const directory::DomainTable> domains() const;
    async::Awaitable<> reload_and_tell();
    async::Awaitable<> tell_manager();

    const Config config_; ///< as it was at the start
    Log& log_;
    net::Network& network_;
    boost::asio::io_context startup_{1}; ///< for what start-up waits for; outlives the threads that wake it
    async::RealTimers timers_;
    ServiceManager& manager_;
    const std::span<const webd::File> web_files_;
    const std::function<void()> on_restart_;
    const std::function<std::uint64_t()> log_lines_left_out_;
    admin::LogFeed* const log_feed_;
    Supervisor supervisor_;
    SystemRandom random_;
    const async::LaneSizes lane_sizes_;
    async::ThreadLanes lanes_{lane_sizes_};
    async::LowPriorityPool attachment_worker_{1}; ///< waits for the helper
    async::LowPriorityPool archive_worker_{1};    ///< likewise, for that of reports
    net::RealNetwork local_network_;              ///< of the admin socket
    std::array<ServiceCounts, kServiceCount> service_counts_;
    MemoryBudget peers_memory_; ///< connections and messages under way together
    MemoryBudget connection_memory_;
    MemoryBudget message_memory_;
    ConnectionGate gate_;
    extraction::Helpers* const helpers_;
    std::unique_ptr<async::ContextPool> contexts_;
    std::unique_ptr<Backend> backend_;
    std::unique_ptr<CertificateKeeper> certificates_;
    std::shared_ptr<const net::TlsClientContext> client_tls_;
    std::vector<relay::Smarthost> smarthosts_;
    std::unique_ptr<net::Resolver> resolver_;
    std::unique_ptr<directory::Authenticator> authenticator_;
    std::unique_ptr<srs::Rewriter> return_paths_;
    std::unique_ptr<reception::Reception> reception_;
    dkim::KeyCache sender_keys_;
    std::unique_ptr<signing::Signatures> signatures_;
    std::unique_ptr<signing::RecordPublisher> publisher_; ///< nothing: people publish the records
    std::unique_ptr<signing::KeyKeeper> key_keeper_;
    std::unique_ptr<IncomingReports> report_receiver_;
    std::unique_ptr<delivery::Delivery> delivery_;
    std::unique_ptr<OutgoingReports> reports_;              ///< none if none are sent
    std::unique_ptr<extraction::Helper> attachment_reader_; ///< none without helpers
    std::unique_ptr<index::AttachmentIndexer> attachments_; ///< likewise
    std::unique_ptr<index::Indexer> indexer_;
    std::unique_ptr<relay::Relay> relay_;
    admin::ProgressBoard progress_;
    std::unique_ptr<admin::Backups> backups_;
    std::unique_ptr<admin::Admin> admin_;
    std::unique_ptr<MemoryWatch> memory_watch_;
    std::unique_ptr<SlowFigures> slow_figures_;
    std::unique_ptr<ServerFigures> figures_;
    std::unique_ptr<LiveConfiguration> live_;
    pop3d::MaildropLocks maildrop_locks_;

    DurationHistogram imap_times_;
    httpd::ChallengeBoard challenge_board_;
    std::unique_ptr<AcmeClient> authority_; ///< none if none is configured
    std::unique_ptr<sharing::Shares> shares_;
    std::unique_ptr<WebFace> web_;
    std::unique_ptr<Connections> connections_;
    std::unique_ptr<AdminListener> admin_listener_;
    std::unique_ptr<Heartbeat> heartbeat_;                  ///< none if no service manager waits for it
    std::vector<std::unique_ptr<async::TaskGroup>> groups_; ///< one for each context, in its order
};

} // namespace tegami::app
