#include "app/server/server_parts.h"

#include "app/server/certificate_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace tegami::app {

namespace {

/// Blocking work: cold reads and password hashes. More threads than cores, because reads wait.
constexpr std::size_t kWorkers = 4;

net::ResolverSettings resolver_settings(const ResolverConfig& config) {
    using Mode = net::ResolverSettings::Mode;
    net::ResolverSettings settings;
    switch (config.mode) {
    case ResolverMode::system: settings.mode = Mode::system; break;
    case ResolverMode::recursive: settings.mode = Mode::recursion; break;
    case ResolverMode::servers: settings.mode = Mode::forwarders; break;
    }
    settings.servers = config.servers;
    settings.trust_anchor_path = config.trust_anchor;
    return settings;
}

} // namespace

Server::Server(const Config& config, Log& log)
    : config_(config), log_(log), workers_(kWorkers), network_(&timers_),
      memory_(share_out(config.memory_budget_bytes).peers),
      message_memory_(share_out(config.memory_budget_bytes).messages, &memory_), gate_(config.limits, memory_) {}

Result<std::unique_ptr<Server>, std::string> Server::create(const Config& config, Log& log) {
    std::unique_ptr<Server> server(new Server(config, log));
    TRY_VOID(server->open_rest());
    TRY_VOID(server->open_tls());
    server->make_services();
    if (const auto listening = server->open_listeners(); !listening) {
        server->stop();
        return failure(listening.error());
    }
    return server;
}

Result<void, std::string> Server::open_rest() {
    auto backend = Backend::open(
        config_, {.context = startup_, .workers = workers_, .timers = timers_, .random = random_, .log = log_});
    if (!backend) return failure(backend.error());
    backend_ = *std::move(backend);
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    contexts_ = std::make_unique<async::ContextPool>(
        threads, [this](std::string_view reason) { fail_task("I/O thread", reason); });
    for (std::size_t number = 0; number < contexts_->size(); ++number)
        groups_.push_back(std::make_unique<async::TaskGroup>(
            contexts_->executor(number),
            [this](std::string_view task, std::string_view reason) { fail_task(task, reason); }));
    auto resolver = net::UnboundResolver::create(resolver_settings(config_.resolver), &timers_, contexts_->executor(0));
    if (!resolver) return failure(resolver.error());
    resolver_ = *std::move(resolver);
    return {};
}

Result<void, std::string> Server::open_tls() {
    TRY(auto server_context, load_certificate(config_, timers_.now()));
    tls_ = std::make_unique<net::CurrentTlsServerContext>(std::move(server_context));
    TRY(client_tls_,
        net::TlsClientContext::create({.verification = net::TlsVerification::opportunistic, .ca_path = {}}));
    return {};
}

void Server::make_services() {
    store::Store& store = backend_->store();
    directory::Directory& directory = backend_->directory();
    authenticator_ = std::make_unique<directory::Authenticator>(directory, workers_, timers_, random_);
    reception_ = std::make_unique<reception::Reception>(directory, store);
    delivery_ = std::make_unique<delivery::Delivery>(store, backend_->queue(), backend_->journeys(), timers_,
                                                     delivery::DeliveryOptions{.queue_expiry = config_.queue.expiry},
                                                     [this] { relay_->wake(); });
    relay_ = std::make_unique<relay::Relay>(
        relay::RelayNeeds{.store = store,
                          .queue = backend_->queue(),
                          .journeys = backend_->journeys(),
                          .directory = directory,
                          .delivery = *delivery_,
                          .network = network_,
                          .resolver = *resolver_,
                          .tls = client_tls_,
                          .timers = timers_,
                          .random = random_,
                          .log = log_},
        relay::RelayOptions{.host_name = config_.host_name,
                            .retry = {.first = config_.queue.first_retry, .longest = config_.queue.longest_retry},
                            .remote_port = config_.relay_port},
        contexts_->executor(0));
    backups_ =
        make_backups(config_, *backend_,
                     {.context = startup_, .workers = workers_, .timers = timers_, .random = random_, .log = log_});
    admin_ =
        std::make_unique<admin::Admin>(admin::Dependencies{.engine = backend_->engine(),
                                                           .store = backend_->store(),
                                                           .directory = directory,
                                                           .queue = backend_->queue(),
                                                           .journeys = backend_->journeys(),
                                                           .backups = backups_.get(),
                                                           .reload = [this] { return reload(); },
                                                           .queue_changed = [this] { relay_->forget_failures(); }});
    admin_listener_ = std::make_unique<AdminListener>(AdminListener::Dependencies{.admin = *admin_,
                                                                                  .network = network_,
                                                                                  .timers = timers_,
                                                                                  .random = random_,
                                                                                  .log = log_,
                                                                                  .executor = contexts_->executor(0)});

    memory_watch_ = std::make_unique<MemoryWatch>(MemoryWatch::Dependencies{.connections = memory_,
                                                                            .messages = message_memory_,
                                                                            .store = store,
                                                                            .workers = workers_,
                                                                            .timers = timers_,
                                                                            .log = log_},
                                                  config_.memory_budget_bytes);

    smtp_ = std::make_unique<smtpd::Service>(smtpd::Service{.directory = directory,
                                                            .authenticator = *authenticator_,
                                                            .reception = *reception_,
                                                            .delivery = *delivery_,
                                                            .store = store,
                                                            .journeys = backend_->journeys(),
                                                            .tls = *tls_,
                                                            .memory = message_memory_,
                                                            .workers = workers_,
                                                            .timers = timers_,
                                                            .random = random_,
                                                            .log = log_});
    set_smtp_settings();
    pop3_ = std::make_unique<pop3d::Dependencies>(pop3d::Dependencies{.directory = directory,
                                                                      .authenticator = *authenticator_,
                                                                      .store = store,
                                                                      .journeys = backend_->journeys(),
                                                                      .locks = maildrop_locks_,
                                                                      .tls = *tls_,
                                                                      .memory = message_memory_,
                                                                      .timers = timers_,
                                                                      .random = random_,
                                                                      .log = log_});
    imap_ = std::make_unique<imapd::Dependencies>(imapd::Dependencies{.store = &store,
                                                                      .journeys = &backend_->journeys(),
                                                                      .directory = &directory,
                                                                      .authenticator = authenticator_.get(),
                                                                      .tls = tls_.get(),
                                                                      .memory = &message_memory_,
                                                                      .workers = &workers_,
                                                                      .timers = &timers_,
                                                                      .random = &random_,
                                                                      .log = &log_,
                                                                      .host_name = config_.host_name,
                                                                      .limits = {}});
    imap_->limits.append_bytes_max = config_.limits.message_bytes;
}

Result<void, std::string> Server::open_listeners() {
    const async::Executor executor = contexts_->executor(0);
    // First the administration: who sees a port open may already use the command line.
    TRY_VOID(admin_listener_->start(config_.admin_socket()));
    for (const Listener& settings : config_.listeners) {
        auto open = std::make_unique<OpenListener>(OpenListener{.settings = settings, .listener = nullptr});
        TRY(open->listener, network_.listen(settings.endpoint, executor));
        listeners_.push_back(std::move(open));
    }
    return {};
}

std::shared_ptr<const smtpd::Settings> Server::smtp_settings() {
    const std::lock_guard lock(settings_guard_);
    return smtp_settings_;
}

void Server::set_smtp_settings() {
    auto settings =
        std::make_shared<const smtpd::Settings>(smtpd::Settings{.host_name = config_.host_name,
                                                                .default_domain = config_.default_domain,
                                                                .message_bytes_max = config_.limits.message_bytes,
                                                                .recipients_max = config_.limits.recipients,
                                                                .trusted_networks = config_.trusted_networks});
    const std::lock_guard lock(settings_guard_);
    smtp_settings_ = std::move(settings);
}

void Server::fail_task(std::string_view task, std::string_view reason) {
    log_.error("a task broke off", {{"task", task}, {"reason", reason}});
}

admin::ReloadOutcome Server::reload() {
    admin::ReloadOutcome outcome;
    const ConfigResult loaded = load_config(config_.file);
    if (!loaded) {
        for (const ConfigProblem& problem : loaded.error())
            outcome.problems.push_back(problem.to_string(config_.file));
        return outcome;
    }
    ConfigDifference difference = compare_configs(config_, *loaded);
    // The certificate's files may have new contents under old names, so they are always read again.
    const auto context = load_certificate(*loaded, timers_.now());
    if (!context) {
        outcome.problems.push_back(context.error());
        return outcome;
    }
    tls_->set(*context);
    config_.tls = loaded->tls;
    config_.limits = loaded->limits;
    config_.trusted_networks = loaded->trusted_networks;
    gate_.set_limits(config_.limits);
    set_smtp_settings();
    outcome.applied = std::move(difference.live);
    outcome.restart = std::move(difference.restart);
    log_.info("configuration read again", {{"applied", outcome.applied.size()}, {"restart", outcome.restart.size()}});
    return outcome;
}

} // namespace tegami::app
