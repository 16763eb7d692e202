// The parts of a running server and how they are joined; run_server owns one.
#pragma once

#include "admin/admin.h"
#include "admin/backups.h"
#include "app/configuration/config.h"
#include "app/server/admin_listener.h"
#include "app/server/backend.h"
#include "app/server/connection_gate.h"
#include "app/server/memory_watch.h"
#include "async/context_pool.h"
#include "async/task_group.h"
#include "async/worker_pool.h"
#include "delivery/delivery.h"
#include "net/real_network.h"
#include "net/tls_context.h"
#include "net/unbound_resolver.h"
#include "reception/reception.h"
#include "relay/relay.h"
#include "service/imapd/service.h"
#include "service/pop3d/pop3d.h"
#include "service/smtpd/smtpd.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tegami::app {

class Server {
public:
    /// Opens everything and listens; nothing is served before start(). The error is for the operator.
    static Result<std::unique_ptr<Server>, std::string> create(const Config& config, Log& log);
    ~Server();

    void start();
    /// Stops taking connections, ends those there are, and waits until everything written is durable.
    void stop();
    /// Reads the configuration file again and applies what can change.
    admin::ReloadOutcome reload();

private:
    struct OpenListener {
        Listener settings;
        std::unique_ptr<net::Listener> listener;
    };

    Server(const Config& config, Log& log);

    Result<void, std::string> open_tls();
    Result<void, std::string> open_listeners();
    Result<void, std::string> open_rest();
    void make_services();

    async::Awaitable<> accept_loop(OpenListener* from);
    async::Awaitable<> serve_one(Listener settings, std::unique_ptr<net::Stream> stream,
                                 std::unique_ptr<ConnectionGate::Place> place);
    async::Awaitable<> sweep_daily();
    async::Awaitable<> stop_on_context();
    std::shared_ptr<const smtpd::Settings> smtp_settings();
    void set_smtp_settings();
    void fail_task(std::string_view task, std::string_view reason);

    Config config_;
    Log& log_;
    boost::asio::io_context startup_{1}; ///< for what start-up waits for; outlives the threads that wake it
    async::RealTimers timers_;
    SystemRandom random_;
    async::ThreadPool workers_;
    net::RealNetwork network_;
    MemoryBudget memory_;         ///< connections and messages under way
    MemoryBudget message_memory_; ///< messages alone
    ConnectionGate gate_;
    std::unique_ptr<async::ContextPool> contexts_;
    std::unique_ptr<Backend> backend_;
    std::unique_ptr<net::CurrentTlsServerContext> tls_;
    std::shared_ptr<const net::TlsClientContext> client_tls_;
    std::unique_ptr<net::UnboundResolver> resolver_;
    std::unique_ptr<directory::Authenticator> authenticator_;
    std::unique_ptr<reception::Reception> reception_;
    std::unique_ptr<delivery::Delivery> delivery_;
    std::unique_ptr<relay::Relay> relay_;
    std::unique_ptr<admin::Backups> backups_;
    std::unique_ptr<admin::Admin> admin_;
    std::unique_ptr<MemoryWatch> memory_watch_;
    pop3d::MaildropLocks maildrop_locks_;

    std::unique_ptr<smtpd::Service> smtp_;
    std::unique_ptr<pop3d::Dependencies> pop3_;
    std::unique_ptr<imapd::Dependencies> imap_;
    std::mutex settings_guard_;
    std::shared_ptr<const smtpd::Settings> smtp_settings_;

    std::vector<std::unique_ptr<OpenListener>> listeners_;
    std::unique_ptr<AdminListener> admin_listener_;
    std::vector<std::unique_ptr<async::TaskGroup>> groups_; ///< one for each context, in its order
    std::size_t next_context_ = 0;
};

} // namespace tegami::app
