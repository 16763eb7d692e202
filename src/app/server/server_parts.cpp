// How a server's parts are opened, joined and, if one cannot be, closed again.
#include "app/server/server_parts.h"

#include "app/server/certificate_files.h"
#include "app/server/dns_facts.h"
#include "app/server/mail_offer.h"
#include "app/server/resolver_settings.h"
#include "app/server/settings_file.h"
#include "app/server/smarthosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>

namespace tegami::app {

namespace {

constexpr std::uint16_t kWebServerPort = 443;

/// As many hashes at once as the cores allow, and the memory.
async::LaneSizes lane_sizes_for(const Config& config) {
    async::LaneSizes sizes = async::lane_sizes_here();
    sizes.hashes = std::min(sizes.hashes, hashes_at_once_max(config.memory_budget_bytes));
    return sizes;
}

/// What of others' web servers is asked. Where servers are tried out without root, those are on this machine.
net::AddressCheck may_reach(const Config& config) {
    return config.relay.policy_port == kWebServerPort ? net::is_of_internet : net::is_of_internet_or_loopback;
}

/// What an operator may want to know the pace of.
std::vector<admin::ServerStatus::Durations> durations_of(const delivery::Delivery& delivery,
                                                         const DurationHistogram& imap, const jmapd::Service* jmap,
                                                         Backend& backend) {
    std::vector<admin::ServerStatus::Durations> all{{"delivery", &delivery.durations()}, {"imap", &imap}};
    if (jmap != nullptr) all.push_back({"jmap", &jmap->request_times});
    if (const store::CommitCounts* const commits = backend.engine().commit_counts()) {
        all.push_back({"commit", &commits->taken});
        all.push_back({"sync", &commits->synced});
    }
    return all;
}

} // namespace

Server::Server(const Config& config, Dependencies dependencies)
    : config_(config), log_(dependencies.log), network_(dependencies.network), manager_(dependencies.manager),
      web_files_(dependencies.web_files), on_restart_(std::move(dependencies.on_restart)),
      log_lines_left_out_(std::move(dependencies.log_lines_left_out)), log_feed_(dependencies.log_feed),
      supervisor_(log_, timers_, std::move(dependencies.on_failure)), lane_sizes_(lane_sizes_for(config)),
      local_network_(&timers_), peers_memory_(share_out(config.memory_budget_bytes).peers),
      connection_memory_(share_out(config.memory_budget_bytes).connections, &peers_memory_),
      message_memory_(share_out(config.memory_budget_bytes).messages, &peers_memory_),
      gate_(config.limits, connection_memory_), helpers_(dependencies.helpers) {}

Result<std::unique_ptr<Server>, std::string> Server::create(const Config& config, Dependencies dependencies) {
    std::unique_ptr<Server> server(new Server(config, std::move(dependencies)));
    if (auto opened = server->open(); !opened) {
        server->stop();
        return failure(std::move(opened.error()));
    }
    return server;
}

Result<void, std::string> Server::open() {
    TRY_VOID(open_backend());
    TRY_VOID(open_tls());
    TRY_VOID(open_threads());
    make_delivery();
    make_relay();
    TRY_VOID(make_authority());
    make_administration();
    TRY_VOID(make_services());
    // First the administration: who sees a port open may already use the command line.
    TRY_VOID(admin_listener_->open(config_.admin_socket()));
    return connections_->open();
}

Result<void, std::string> Server::open_backend() {
    auto backend = Backend::open(
        config_, {.context = startup_, .lanes = lanes_.lanes(), .timers = timers_, .random = random_, .log = log_});
    if (!backend) return failure(backend.error());
    backend_ = *std::move(backend);
    return {};
}

std::shared_ptr<const directory::DomainTable> Server::domains() const {
    return backend_->directory().administration().domains();
}

Result<void, std::string> Server::open_tls() {
    TRY(certificates_, CertificateKeeper::open(config_, policy_hosts(config_, *domains()),
                                               {.workers = lanes_.lanes().reads, .timers = timers_, .log = log_}));
    TRY(smarthosts_, smarthosts_of(config_));
    TRY(client_tls_,
        net::TlsClientContext::create({.verification = net::TlsVerification::opportunistic, .ca_path = {}}));
    return {};
}

/// From here on a start that fails must end threads: stop() does.
Result<void, std::string> Server::open_threads() {
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    contexts_ = std::make_unique<async::ContextPool>(
        threads, [this](std::string_view reason) { supervisor_.fail("I/O thread", reason); });
    for (std::size_t number = 0; number < contexts_->size(); ++number)
        groups_.push_back(std::make_unique<async::TaskGroup>(
            contexts_->executor(number), [this](std::string_view task, std::string_view reason) {
                log_.error("a task broke off", {{"task", task}, {"reason", reason}});
            }));
    TRY(std::unique_ptr<net::Resolver> asked, new_resolver());
    resolver_ = std::make_unique<net::CachingResolver>(std::move(asked), &timers_);
    return {};
}

Result<std::unique_ptr<net::Resolver>, std::string> Server::new_resolver() {
    return net::UnboundResolver::create(resolver_settings(config_.resolver), &timers_, contexts_->executor(0));
}

NewPrimary Server::new_primary() {
    return app::new_primary(config_.dns_update, {.network = network_, .timers = timers_, .random = random_});
}

/// With a resolver that remembers nothing: who asks has perhaps published something a moment ago.
async::Awaitable<directory::DirectoryResult<>> Server::look_at_keys(message::Domain domain, bool renew) {
    const auto resolver = new_resolver();
    if (!resolver) co_return failure(directory::Error{directory::ErrorCode::unavailable, resolver.error()});
    co_return co_await key_keeper_->look(std::move(domain), renew, resolver->get());
}

void Server::make_delivery() {
    store::Store& store = backend_->store();
    directory::Directory& directory = backend_->directory();
    if (helpers_ != nullptr) {
        attachment_reader_ = std::make_unique<extraction::Helper>(helpers_);
        attachments_ = std::make_unique<index::AttachmentIndexer>(
            index::AttachmentIndexer::Dependencies{.store = store,
                                                   .workers = lanes_.lanes().long_jobs,
                                                   .waiting = attachment_worker_,
                                                   .helper = *attachment_reader_,
                                                   .timers = timers_,
                                                   .log = log_});
    }
    indexer_ = std::make_unique<index::Indexer>(index::Indexer::Dependencies{.store = store,
                                                                             .workers = lanes_.lanes().long_jobs,
                                                                             .timers = timers_,
                                                                             .log = log_,
                                                                             .attachments = attachments_.get()});
    authenticator_ = std::make_unique<directory::Authenticator>(
        directory::Authenticator::Dependencies{.credentials = directory.credentials(),
                                               .app_passwords = directory.app_passwords(),
                                               .second_factors = directory.second_factors(),
                                               .passkeys = directory.passkeys(),
                                               .sessions = directory.sessions(),
                                               .known_networks = directory.known_networks(),
                                               .clock = timers_,
                                               .random = random_,
                                               .log = log_},
        directory::AuthenticatorOptions{.checks = {.running_max = lane_sizes_.hashes},
                                        .mechanisms = config_.login.mechanisms});
    shares_ = std::make_unique<sharing::Shares>(
        sharing::Shares::Dependencies{.store = store, .credentials = directory.credentials(), .clock = timers_});
    return_paths_ = std::make_unique<srs::Rewriter>(directory.secret(), config_.default_domain);
    reception_ = std::make_unique<reception::Reception>(directory.lookup(), store, *return_paths_, timers_);
    report_receiver_ =
        std::make_unique<IncomingReports>(IncomingReports::Dependencies{.backend = *backend_,
                                                                        .helpers = helpers_,
                                                                        .waiting = archive_worker_,
                                                                        .parsing = lanes_.lanes().parsing,
                                                                        .timers = timers_,
                                                                        .log = log_});
    delivery_ = std::make_unique<delivery::Delivery>(
        store, backend_->queue(), backend_->journeys(), timers_,
        delivery::DeliveryOptions{.queue_expiry = config_.queue.expiry, .server_mail = &report_receiver_->receiver()},
        [this] { relay_->wake(); });
    signatures_ = std::make_unique<signing::Signatures>(directory.signing_keys(), lanes_.lanes().parsing, timers_);
    if (NewPrimary primary = new_primary()) publisher_ = std::make_unique<signing::ZonePublisher>(std::move(primary));
    key_keeper_ =
        std::make_unique<signing::KeyKeeper>(signing::KeyKeeper::Dependencies{.keys = directory.signing_keys(),
                                                                              .directory = directory.administration(),
                                                                              .resolver = *resolver_,
                                                                              .workers = lanes_.lanes().parsing,
                                                                              .timers = timers_,
                                                                              .log = log_,
                                                                              .publisher = publisher_.get()});
    if (!config_.reports.send) return;
    reports_ = std::make_unique<OutgoingReports>(OutgoingReports::Dependencies{.config = config_,
                                                                               .backend = *backend_,
                                                                               .delivery = *delivery_,
                                                                               .signatures = *signatures_,
                                                                               .network = network_,
                                                                               .resolver = *resolver_,
                                                                               .tls = client_tls_,
                                                                               .may_reach = may_reach(config_),
                                                                               .long_jobs = lanes_.lanes().long_jobs,
                                                                               .timers = timers_,
                                                                               .log = log_});
}

void Server::make_relay() {
    directory::Directory& directory = backend_->directory();
    relay_ = std::make_unique<relay::Relay>(
        relay::Dependencies{.store = backend_->store(),
                            .queue = backend_->queue(),
                            .journeys = backend_->journeys(),
                            .directory = directory.lookup(),
                            .delivery = *delivery_,
                            .signatures = *signatures_,
                            .return_paths = *return_paths_,
                            .network = network_,
                            .resolver = *resolver_,
                            .tls = client_tls_,
                            .timers = timers_,
                            .random = random_,
                            .log = log_,
                            .tls_counter = reports_ ? &reports_->tls_counter() : nullptr},
        relay::RelayOptions{.host_name = config_.host_name,
                            .retry = {.first = config_.queue.first_retry, .longest = config_.queue.longest_retry},
                            .remote_port = config_.relay.port,
                            .policy_port = config_.relay.policy_port,
                            .policy_reach = may_reach(config_),
                            .smarthosts = smarthosts_},
        contexts_->executor(0));
}

Result<void, std::string> Server::make_authority() {
    if (!config_.acme.is_used()) return {};
    const auto show_under_tls = [this](std::vector<std::shared_ptr<const net::TlsServerContext>> challenges) {
        certificates_->show_challenges(std::move(challenges));
    };
    TRY(authority_, AcmeClient::create(config_, {.network = network_,
                                                 .resolver = *resolver_,
                                                 .random = random_,
                                                 .challenges = {.board = challenge_board_,
                                                                .show_under_tls = show_under_tls,
                                                                .publisher = publisher_.get(),
                                                                .new_resolver = [this] { return new_resolver(); },
                                                                .workers = lanes_.lanes().reads,
                                                                .timers = timers_}}));
    certificates_->issue_through(*authority_, [this] {
        std::vector<std::string> hosts = policy_hosts(config_, *domains());
        std::ranges::move(settings_hosts(config_, *domains()), std::back_inserter(hosts));
        return hosts;
    });
    return {};
}

void Server::make_administration() {
    backups_ =
        make_backups(config_, *backend_,
                     {.context = startup_, .lanes = lanes_.lanes(), .timers = timers_, .random = random_, .log = log_},
                     config_.backup_directories);
    // The relay and what asks it here have one executor.
    admin_ = std::make_unique<admin::Admin>(admin::Dependencies{
        .engine = backend_->engine(),
        .store = backend_->store(),
        .directory = backend_->directory(),
        .queue = backend_->queue(),
        .journeys = backend_->journeys(),
        .audit = backend_->audit(),
        .traffic = backend_->traffic(),
        .timers = timers_,
        .progress = &progress_,
        .backups = backups_.get(),
        .log = log_feed_,
        .host = [this] { return certificates_->host(); },
        .mail_offer = [this] { return mail_offer(config_); },
        .look_at_keys = [this](message::Domain domain, bool renew) { return look_at_keys(std::move(domain), renew); },
        .new_resolver = [this] { return new_resolver(); },
        .certificates = [this] { return certificates_->states(); },
        .renew_certificate =
            [this](std::string name) { return certificates_->renew_now(std::move(name), resolver_.get()); },
        .pages = {.network = &network_, .tls = client_tls_, .port = config_.relay.policy_port},
        .new_primary = new_primary(),
        .message_memory = &message_memory_,
        .parsing = &lanes_.lanes().parsing,
        .reload = [this] { return live_->reload(); },
        .restart = [this] { return live_->restart(); },
        .server_status = [this] { return figures_->status(); },
        .login_pauses = [this] { return authenticator_->pauses(); },
        .lift_login_pauses = [this](const std::string& address,
                                    const std::string& login) { return authenticator_->lift_pauses(address, login); },
        .settings = [this] { return read_settings(config_.file, &lanes_.lanes().reads); },
        .change_setting =
            [this](std::string key, std::string value) {
                return change_setting(config_.file, std::move(key), std::move(value), &lanes_.lanes().reads);
            },
        .queue_changed = [this] { relay_->forget_failures(); },
        .being_sent = [this](const store::QueueItem& item) { return relay_->is_under_way(item); }});
    admin_listener_ = std::make_unique<AdminListener>(AdminListener::Dependencies{.admin = *admin_,
                                                                                  .network = local_network_,
                                                                                  .timers = timers_,
                                                                                  .random = random_,
                                                                                  .log = log_,
                                                                                  .executor = contexts_->executor(0)});
    slow_figures_ = std::make_unique<SlowFigures>(SlowFigures::Dependencies{.engine = backend_->engine(),
                                                                            .store = backend_->store(),
                                                                            .queue = backend_->queue(),
                                                                            .workers = lanes_.lanes().reads,
                                                                            .timers = timers_,
                                                                            .data_directory = config_.data_directory});
    figures_ = std::make_unique<ServerFigures>(ServerFigures::Dependencies{
        .config = config_,
        .backend = *backend_,
        .gate = gate_,
        .certificates = *certificates_,
        .authenticator = *authenticator_,
        .slow = *slow_figures_,
        .services = service_counts_,
        .peers = peers_memory_,
        .connections = connection_memory_,
        .messages = message_memory_,
        .workers = lanes_.lanes().reads,
        .timers = timers_,
        .endpoints = [this] { return endpoints(); },
        .log_lines_left_out = log_lines_left_out_,
        .durations = [this] { return durations_of(*delivery_, imap_times_, web_->jmap(), *backend_); }});
    live_ = std::make_unique<LiveConfiguration>(
        LiveConfiguration::Dependencies{.config = config_,
                                        .gate = gate_,
                                        .certificates = *certificates_,
                                        .directory = backend_->directory().administration(),
                                        .manager = manager_,
                                        .workers = lanes_.lanes().reads,
                                        .timers = timers_,
                                        .log = log_,
                                        .on_restart = on_restart_});
    memory_watch_ = std::make_unique<MemoryWatch>(
        MemoryWatch::Dependencies{
            .peers = peers_memory_,
            .messages = message_memory_,
            .store = backend_->store(),
            .set_engine_cache = [this](std::size_t bytes) { backend_->engine().set_cache_bytes(bytes); },
            .workers = lanes_.lanes().reads,
            .timers = timers_,
            .log = log_},
        config_.memory_budget_bytes);
}

Result<void, std::string> Server::make_services() {
    store::Store& store = backend_->store();
    TRY(web_, WebFace::open({.config = config_,
                             .startup = startup_,
                             .backend = *backend_,
                             .network = network_,
                             .resolver = *resolver_,
                             .client_tls = client_tls_,
                             .may_reach = may_reach(config_),
                             .certificates = *certificates_,
                             .challenge_board = challenge_board_,
                             .authenticator = *authenticator_,
                             .shares = *shares_,
                             .reception = *reception_,
                             .delivery = *delivery_,
                             .signatures = *signatures_,
                             .sender_keys = sender_keys_,
                             .admin = *admin_,
                             .figures = *figures_,
                             .connection_memory = connection_memory_,
                             .message_memory = message_memory_,
                             .parsing = lanes_.lanes().parsing,
                             .timers = timers_,
                             .random = random_,
                             .log = log_,
                             .files = web_files_}));
    connections_ = std::make_unique<Connections>(
        Connections::Dependencies{.config = config_,
                                  .network = network_,
                                  .gate = gate_,
                                  .live = *live_,
                                  .counts = service_counts_,
                                  .web = *web_,
                                  .smtp = {.authenticator = *authenticator_,
                                           .reception = *reception_,
                                           .delivery = *delivery_,
                                           .store = store,
                                           .journeys = backend_->journeys(),
                                           .tls = certificates_->current(),
                                           .memory = message_memory_,
                                           .workers = lanes_.lanes().parsing,
                                           .resolver = *resolver_,
                                           .sender_keys = sender_keys_,
                                           .signatures = *signatures_,
                                           .timers = timers_,
                                           .random = random_,
                                           .log = log_,
                                           .dmarc_counter = reports_ ? &reports_->dmarc_counter() : nullptr},
                                  .pop3 = {.authenticator = *authenticator_,
                                           .store = store,
                                           .journeys = backend_->journeys(),
                                           .locks = maildrop_locks_,
                                           .tls = certificates_->current(),
                                           .memory = message_memory_,
                                           .timers = timers_,
                                           .random = random_,
                                           .log = log_},
                                  .imap = {.store = &store,
                                           .journeys = &backend_->journeys(),
                                           .authenticator = authenticator_.get(),
                                           .shares = shares_.get(),
                                           .tls = &certificates_->current(),
                                           .memory = &message_memory_,
                                           .workers = &lanes_.lanes().parsing,
                                           .timers = &timers_,
                                           .random = &random_,
                                           .log = &log_,
                                           .host_name = config_.host_name,
                                           .limits = {},
                                           .command_times = &imap_times_},
                                  .groups = groups_,
                                  .timers = timers_,
                                  .log = log_});
    return {};
}

std::vector<net::Endpoint> Server::endpoints() const {
    return connections_ ? connections_->endpoints() : std::vector<net::Endpoint>();
}

} // namespace tegami::app
