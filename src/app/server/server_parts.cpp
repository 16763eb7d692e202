// How a server's parts are opened, joined and, if one cannot be, closed again.
#include "app/server/server_parts.h"

#include "app/server/certificate_files.h"
#include "app/server/dns_facts.h"
#include "app/server/mail_offer.h"
#include "app/server/resolver_settings.h"
#include "app/server/settings_file.h"
#include "app/server/smarthosts.h"
#include "async/run.h"
#include "base/ascii.h"
#include "service/apid/sign_in_note.h"
#include "service/httpd/plain_routes.h"
#include "service/httpd/settings_page_route.h"
#include "service/httpd/sts_routes.h"
#include "service/jmapd/ids.h"
#include "service/webd/page_routes.h"

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

} // namespace

Server::Server(const Config& config, Dependencies dependencies)
    : config_(config), log_(dependencies.log), network_(dependencies.network), manager_(dependencies.manager),
      web_files_(dependencies.web_files), on_restart_(std::move(dependencies.on_restart)),
      log_lines_left_out_(std::move(dependencies.log_lines_left_out)),
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
    make_receiver();
    make_delivery();
    TRY_VOID(make_authority());
    if (config_.reports.send) make_reports();
    make_administration();
    TRY_VOID(make_services());
    return open_listeners();
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
    return_paths_ = std::make_unique<srs::Rewriter>(directory.secret(), config_.default_domain);
    reception_ = std::make_unique<reception::Reception>(directory.lookup(), store, *return_paths_, timers_);
    delivery_ = std::make_unique<delivery::Delivery>(
        store, backend_->queue(), backend_->journeys(), timers_,
        delivery::DeliveryOptions{.queue_expiry = config_.queue.expiry, .server_mail = report_receiver_.get()},
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
    if (config_.reports.send) tls_counter_ = std::make_unique<reporting::TlsCounter>(backend_->tally());
    relay_ = std::make_unique<relay::Relay>(
        relay::Dependencies{.store = store,
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
                            .tls_counter = tls_counter_.get()},
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

void Server::make_receiver() {
    report_receiver_ = std::make_unique<reporting::Receiver>(
        reporting::Receiver::Dependencies{.store = backend_->store(),
                                          .reports = backend_->reports(),
                                          .journeys = backend_->journeys(),
                                          .directory = backend_->directory().administration(),
                                          .archives = archives_,
                                          .waiting = archive_worker_,
                                          .workers = lanes_.lanes().parsing,
                                          .clock = timers_,
                                          .log = log_},
        std::vector<const reporting::ReportReader*>{&dmarc_reader_, &tls_reader_});
}

void Server::make_reports() {
    const auto host = message::Domain::parse(config_.host_name);
    report_mailer_ =
        std::make_unique<reporting::Mailer>(reporting::Mailer::Dependencies{.store = backend_->store(),
                                                                            .journeys = backend_->journeys(),
                                                                            .directory = backend_->directory().lookup(),
                                                                            .delivery = *delivery_,
                                                                            .signatures = *signatures_});
    dmarc_counter_ = std::make_unique<reporting::DmarcCounter>(backend_->tally());
    dmarc_writer_ = std::make_unique<reporting::DmarcWriter>(
        reporting::DmarcWriter::Dependencies{.tally = backend_->tally(),
                                             .reports = backend_->reports(),
                                             .mailer = *report_mailer_,
                                             .resolver = *resolver_,
                                             .workers = lanes_.lanes().long_jobs,
                                             .timers = timers_,
                                             .log = log_},
        host.value_or(config_.default_domain));
    tls_writer_ =
        std::make_unique<reporting::TlsWriter>(reporting::TlsWriter::Dependencies{.tally = backend_->tally(),
                                                                                  .reports = backend_->reports(),
                                                                                  .mailer = *report_mailer_,
                                                                                  .resolver = *resolver_,
                                                                                  .network = network_,
                                                                                  .tls = client_tls_,
                                                                                  .workers = lanes_.lanes().long_jobs,
                                                                                  .timers = timers_,
                                                                                  .log = log_,
                                                                                  .may_reach = may_reach(config_)},
                                               host.value_or(config_.default_domain));
    daily_reports_ = std::make_unique<reporting::Daily>(
        reporting::Daily::Dependencies{.tally = backend_->tally(), .timers = timers_, .log = log_}, config_.host_name,
        std::vector<reporting::ReportWriter*>{dmarc_writer_.get(), tls_writer_.get()});
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
        .directory = backend_->directory().administration(),
        .signing_keys = backend_->directory().signing_keys(),
        .web_sessions = backend_->directory().web_sessions(),
        .app_passwords = backend_->directory().app_passwords(),
        .second_factors = backend_->directory().second_factors(),
        .passkeys = backend_->directory().passkeys(),
        .roles = backend_->directory().roles(),
        .queue = backend_->queue(),
        .journeys = backend_->journeys(),
        .audit = backend_->audit(),
        .traffic = backend_->traffic(),
        .timers = timers_,
        .progress = &progress_,
        .backups = backups_.get(),
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
    figures_ = std::make_unique<ServerFigures>(ServerFigures::Dependencies{.config = config_,
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
                                                                           .log_lines_left_out = log_lines_left_out_});
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
    smtp_ = std::make_unique<smtpd::Dependencies>(smtpd::Dependencies{.authenticator = *authenticator_,
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
                                                                      .dmarc_counter = dmarc_counter_.get()});
    pop3_ = std::make_unique<pop3d::Dependencies>(pop3d::Dependencies{.authenticator = *authenticator_,
                                                                      .store = store,
                                                                      .journeys = backend_->journeys(),
                                                                      .locks = maildrop_locks_,
                                                                      .tls = certificates_->current(),
                                                                      .memory = message_memory_,
                                                                      .timers = timers_,
                                                                      .random = random_,
                                                                      .log = log_});
    imap_ = std::make_unique<imapd::Dependencies>(imapd::Dependencies{.store = &store,
                                                                      .journeys = &backend_->journeys(),
                                                                      .authenticator = authenticator_.get(),
                                                                      .tls = &certificates_->current(),
                                                                      .memory = &message_memory_,
                                                                      .workers = &lanes_.lanes().parsing,
                                                                      .timers = &timers_,
                                                                      .random = &random_,
                                                                      .log = &log_,
                                                                      .host_name = config_.host_name,
                                                                      .limits = {}});
    return make_web();
}

/// The key that push services know us by: made once.
Result<p256::Key, std::string> Server::push_key() {
    const auto pem =
        async::run_on(startup_, backend_->directory().push_subscriptions().server_key(p256::Key::make().to_pem()));
    if (!pem) return failure(pem.error().message);
    auto key = p256::Key::parse(*pem);
    if (!key) return failure(std::string("the key for Web Push in the directory cannot be read"));
    return *std::move(key);
}

Result<void, std::string> Server::make_web() {
    const auto over = [this](net::HttpRoutes& routes) {
        return std::make_unique<httpd::Dependencies>(
            httpd::Dependencies{.http = {.routes = routes,
                                         .timers = timers_,
                                         .random = random_,
                                         .log = log_,
                                         .request_level = LogLevel::debug,
                                         .memory = &connection_memory_,
                                         .trusted_proxies = config_.trusted_proxies},
                                .tls = certificates_->current(),
                                .memory = connection_memory_});
    };
    httpd::add_sts_routes(web_routes_, backend_->directory().administration(), host_name(config_));
    settings_ = std::make_unique<const httpd::SettingsSource>(
        httpd::SettingsSource{.directory = backend_->directory().administration(),
                              .tls = certificates_->current(),
                              .workers = lanes_.lanes().parsing,
                              .offer = mail_offer(config_)});
    if (!settings_->offer.services.empty()) {
        httpd::add_settings_routes(web_routes_, *settings_);
        httpd::add_settings_page_route(web_routes_, *settings_);
        httpd::add_plain_settings_routes(plain_routes_, *settings_);
    }
    const auto base_url = discovery::url_of(settings_->offer, "");
    if (base_url && authenticator_->takes_passwords()) {
        TRY(p256::Key push_key, this->push_key());
        jmap_ = std::make_unique<jmapd::Service>(
            jmapd::Dependencies{.store = backend_->store(),
                                .authenticator = *authenticator_,
                                .web_sessions = backend_->directory().web_sessions(),
                                .memory = message_memory_,
                                .workers = lanes_.lanes().parsing,
                                .timers = timers_,
                                .random = random_,
                                .log = log_,
                                .outgoing = {.directory = backend_->directory().lookup(),
                                             .reception = *reception_,
                                             .delivery = *delivery_,
                                             .queue = backend_->queue(),
                                             .journeys = backend_->journeys(),
                                             .signatures = *signatures_,
                                             .resolver = *resolver_,
                                             .sender_keys = sender_keys_,
                                             .host_name = config_.host_name},
                                .push = {.subscriptions = backend_->directory().push_subscriptions(),
                                         .web = net::WebClient({.network = network_,
                                                                .resolver = *resolver_,
                                                                .timers = timers_,
                                                                .tls = client_tls_,
                                                                .may_reach = may_reach(config_),
                                                                .secure_port = config_.relay.policy_port}),
                                         .key = std::move(push_key),
                                         .port = config_.relay.policy_port},
                                .secret = backend_->directory().secret(),
                                .base_url = *base_url},
            jmapd::Limits{.upload_bytes = config_.limits.message_bytes, .recipients = config_.limits.recipients});
        jmapd::add_routes(web_routes_, *jmap_);
        web_sessions_ = std::make_unique<const webd::SessionService>(
            webd::SessionService{.authenticator = *authenticator_,
                                 .sessions = backend_->directory().web_sessions(),
                                 .passkeys = backend_->directory().passkeys(),
                                 .timers = timers_,
                                 .base_url = *base_url});
        api_ = std::make_unique<const apid::ApiService>(
            apid::ApiService{.admin = *admin_,
                             .authenticator = *authenticator_,
                             .sessions = backend_->directory().web_sessions(),
                             .timers = timers_,
                             .roles = backend_->directory().roles(),
                             .administration_from = config_.web.administration_from,
                             .base_url = *base_url});
        webd::add_session_routes(sign_in_routes_, *web_sessions_);
        apid::add_sign_in_note(web_routes_, sign_in_routes_, *api_);
        webd::add_session_routes(web_routes_, *web_sessions_);
        own_accounts_ = std::make_unique<const webd::AccountService>(
            webd::AccountService{.signing_in = *web_sessions_,
                                 .app_passwords = backend_->directory().app_passwords(),
                                 .second_factors = backend_->directory().second_factors(),
                                 .credentials = backend_->directory().credentials(),
                                 .directory = backend_->directory().administration(),
                                 .store = backend_->store()});
        webd::add_account_routes(web_routes_, *own_accounts_);
        apid::add_api_routes(web_routes_, *api_);
        outward_ = std::make_unique<webd::OutwardService>(webd::OutwardService{
            .sessions = backend_->directory().web_sessions(),
            .store = backend_->store(),
            .workers = lanes_.lanes().parsing,
            .memory = message_memory_,
            .log = log_,
            .web = net::WebClient({.network = network_, .resolver = *resolver_, .timers = timers_, .tls = client_tls_}),
            .parse_email_id = jmapd::parse_email_id,
            .base_url = *base_url,
            .pictures = config_.web.pictures});
        webd::add_outward_routes(web_routes_, *outward_);
        webd::add_page_routes(web_routes_, ascii::lower(config_.host_name), web_files_);
    }
    https_ = over(web_routes_);
    httpd::add_plain_routes(plain_routes_, challenge_board_, settings_->offer.https_port);
    http_ = over(plain_routes_);
    // A proxy that has TLS itself may come here for those whom it serves.
    http_->http.secure_routes = &web_routes_;
    metrics_routes_.add("GET", "/metrics", [this](net::HttpRequest*, net::BodySource*) { return figures_->metrics(); });
    metrics_http_ = over(metrics_routes_);
    return {};
}

Result<void, std::string> Server::open_listeners() {
    const async::Executor executor = contexts_->executor(0);
    // First the administration: who sees a port open may already use the command line.
    TRY_VOID(admin_listener_->open(config_.admin_socket()));
    for (const Listener& settings : config_.listeners) {
        TRY(auto listener, network_.listen(settings.endpoint, executor));
        listeners_.push_back(
            std::make_unique<OpenListener>(OpenListener{.settings = settings, .listener = std::move(listener)}));
    }
    return {};
}

std::vector<net::Endpoint> Server::endpoints() const {
    std::vector<net::Endpoint> all;
    for (const std::unique_ptr<OpenListener>& listener : listeners_)
        all.push_back(listener->listener->local_endpoint());
    return all;
}

} // namespace tegami::app
