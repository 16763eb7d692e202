#include "simulation/server.h"

#include "base/assert.h"
#include "directory/directory.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::simulation {

namespace {

/// As little work for a password as the parameters allow.
constexpr directory::PasswordCost kCheap{.memory_kib = 16, .passes = 1, .lanes = 1, .scram_iterations = 4096};

} // namespace

/// What runs while the machine is on; in the order of its needs.
struct SimulatedServer::Parts {
    explicit Parts(SimulatedServer& server)
        : clock(server.clock_), random(server.simulation_.time.random()), store(server.engine_.get(), &clock),
          queue(server.engine_.get(), &clock), journeys(server.engine_.get(), &clock, &random),
          tls(server.certificates_.server),
          tasks(server.simulation_.time.executor(), [of = &server](std::string_view task, std::string_view reason) {
              of->simulation_.problem(of->host_name_, fmt::format("task {} broke off: {}", task, reason));
          }) {}

    MachineClock& clock;
    RandomSource& random;
    store::Store store;
    store::Queue queue;
    store::Journeys journeys;
    net::CurrentTlsServerContext tls;
    std::unique_ptr<directory::Directory> directory;
    std::unique_ptr<directory::Authenticator> authenticator;
    std::unique_ptr<srs::Rewriter> return_paths;
    std::unique_ptr<reception::Reception> reception;
    std::unique_ptr<delivery::Delivery> delivery;
    std::unique_ptr<index::Indexer> indexer;
    std::unique_ptr<relay::Relay> relay;
    pop3d::MaildropLocks locks;
    MemoryBudget memory{64u << 20};
    dkim::KeyCache sender_keys;
    std::unique_ptr<signing::Signatures> signatures;
    std::unique_ptr<smtpd::Dependencies> smtp;
    std::shared_ptr<const smtpd::Settings> smtp_settings;
    std::unique_ptr<pop3d::Dependencies> pop3;
    std::unique_ptr<sharing::Shares> shares;
    std::unique_ptr<imapd::Dependencies> imap;
    std::vector<std::unique_ptr<net::Listener>> listeners;
    async::TaskGroup tasks;
};

SimulatedServer::SimulatedServer(Simulation* simulation, std::string domain, std::string_view address,
                                 ServerCertificates certificates, Passages* passages)
    : simulation_(*simulation), domain_(std::move(domain)), host_name_("mail." + domain_),
      address_(IpAddress::parse(address).value()), certificates_(std::move(certificates)),
      log_(simulation_, host_name_), clock_(simulation_.time), disk_(simulation_.time.random().number()) {
    if (passages != nullptr) tapped_ = std::make_unique<TappedNetwork>(&simulation_.network.host(address_), passages);
    simulation_.resolver.add(domain_, "MX", "10 " + host_name_);
    simulation_.resolver.add(host_name_, address_.is_v4() ? "A" : "AAAA", address_.to_string());
    start();
    auto added = simulation_.run(parts_->directory->administration().add_domain(
        {.name = message::Domain::parse(domain_).value(), .catch_all = {}}));
    ASSERT(added.has_value());
}

SimulatedServer::~SimulatedServer() {
    if (parts_) stop();
}

async::Awaitable<bool> SimulatedServer::begin() {
    auto opened = store::LoggedMemoryEngine::open(
        {.directory = "/data"}, {disk_, simulation_.time, simulation_.time.executor(), simulation_.time.random()});
    if (!opened) {
        log_.error("the store cannot be opened", {{"reason", opened.error().detail}});
        co_return false;
    }
    engine_ = *std::move(opened);
    const bool made = co_await open_parts();
    if (!made) {
        parts_.reset();
        engine_.reset();
        co_return false;
    }
    make_services();
    parts_->tasks.spawn("journeys", parts_->journeys.run(&simulation_.time));
    parts_->tasks.spawn("relay", parts_->relay->run());
    parts_->tasks.spawn("word indexes", parts_->indexer->run());
    parts_->tasks.spawn("daily sweep", sweep_daily());
    for (const std::uint16_t port : {kSmtpPort, kSubmissionPort, kPop3Port, kImapPort})
        listen(port);
    co_return true;
}

async::Awaitable<bool> SimulatedServer::open_parts() {
    parts_ = std::make_unique<Parts>(*this);
    directory::DirectoryOptions options{.default_domain = message::Domain::parse(domain_).value(), .cost = kCheap};
    directory::Directory::Dependencies dependencies{
        .store = parts_->store, .workers = workers_, .clock = clock_, .random = parts_->random};
    auto opened = co_await directory::Directory::open(dependencies, std::move(options));
    if (!opened) {
        log_.error("the directory cannot be read", {{"reason", opened.error().message}});
        co_return false;
    }
    parts_->directory = *std::move(opened);
    co_return true;
}

void SimulatedServer::make_services() {
    Parts& parts = *parts_;
    MachineClock& time = clock_;
    const message::Domain own = message::Domain::parse(domain_).value();
    parts.authenticator = std::make_unique<directory::Authenticator>(
        directory::Authenticator::Dependencies{.credentials = parts.directory->credentials(),
                                               .app_passwords = parts.directory->app_passwords(),
                                               .second_factors = parts.directory->second_factors(),
                                               .passkeys = parts.directory->passkeys(),
                                               .sessions = parts.directory->sessions(),
                                               .known_networks = parts.directory->known_networks(),
                                               .clock = time,
                                               .random = parts.random,
                                               .log = log_});
    parts.return_paths = std::make_unique<srs::Rewriter>(parts.directory->secret(), own);
    parts.reception =
        std::make_unique<reception::Reception>(parts.directory->lookup(), parts.store, *parts.return_paths, time);
    parts.delivery =
        std::make_unique<delivery::Delivery>(parts.store, parts.queue, parts.journeys, time,
                                             delivery::DeliveryOptions{}, [made = &parts] { made->relay->wake(); });
    parts.signatures = std::make_unique<signing::Signatures>(parts.directory->signing_keys(), workers_, time);
    parts.indexer = std::make_unique<index::Indexer>(index::Indexer::Dependencies{
        .store = parts.store, .workers = workers_, .timers = simulation_.time, .log = log_});
    parts.relay = std::make_unique<relay::Relay>(
        relay::Dependencies{.store = parts.store,
                            .queue = parts.queue,
                            .journeys = parts.journeys,
                            .directory = parts.directory->lookup(),
                            .delivery = *parts.delivery,
                            .signatures = *parts.signatures,
                            .return_paths = *parts.return_paths,
                            .network = tapped_ ? *tapped_ : simulation_.network.host(address_),
                            .resolver = simulation_.lying_resolver,
                            .tls = certificates_.client,
                            .timers = time,
                            .random = parts.random,
                            .log = log_},
        relay::RelayOptions{.host_name = host_name_, .retry = {}}, simulation_.time.executor());
    parts.smtp = std::make_unique<smtpd::Dependencies>(smtpd::Dependencies{.authenticator = *parts.authenticator,
                                                                           .reception = *parts.reception,
                                                                           .delivery = *parts.delivery,
                                                                           .store = parts.store,
                                                                           .journeys = parts.journeys,
                                                                           .tls = parts.tls,
                                                                           .memory = parts.memory,
                                                                           .workers = workers_,
                                                                           .resolver = simulation_.lying_resolver,
                                                                           .sender_keys = parts.sender_keys,
                                                                           .signatures = *parts.signatures,
                                                                           .timers = time,
                                                                           .random = parts.random,
                                                                           .log = log_});
    parts.smtp_settings = std::make_shared<const smtpd::Settings>(
        smtpd::Settings{.host_name = host_name_, .default_domain = own, .trusted_networks = {}});
    parts.pop3 = std::make_unique<pop3d::Dependencies>(pop3d::Dependencies{.authenticator = *parts.authenticator,
                                                                           .store = parts.store,
                                                                           .journeys = parts.journeys,
                                                                           .locks = parts.locks,
                                                                           .tls = parts.tls,
                                                                           .memory = parts.memory,
                                                                           .timers = time,
                                                                           .random = parts.random,
                                                                           .log = log_});
    parts.shares = std::make_unique<sharing::Shares>(sharing::Shares::Dependencies{
        .store = parts.store, .credentials = parts.directory->credentials(), .clock = time});
    parts.imap = std::make_unique<imapd::Dependencies>(imapd::Dependencies{.store = &parts.store,
                                                                           .journeys = &parts.journeys,
                                                                           .authenticator = parts.authenticator.get(),
                                                                           .shares = parts.shares.get(),
                                                                           .tls = &parts.tls,
                                                                           .memory = &parts.memory,
                                                                           .workers = &workers_,
                                                                           .timers = &time,
                                                                           .random = &parts.random,
                                                                           .log = &log_,
                                                                           .host_name = host_name_,
                                                                           .limits = {}});
}

async::Awaitable<> SimulatedServer::sweep_daily() {
    for (;;) {
        const auto swept = co_await parts_->store.sweep();
        if (!swept) log_.warning("housekeeping stopped early", {{"reason", swept.error().detail}});
        const auto forgotten = co_await parts_->journeys.sweep(std::chrono::days(14));
        if (!forgotten) log_.warning("old journeys were not removed", {{"reason", forgotten.error().detail}});
        co_await async::sleep(&clock_, std::chrono::hours(24));
    }
}

void SimulatedServer::listen(std::uint16_t port) {
    auto listener = simulation_.network.host(address_).listen({address_, port}, simulation_.time.executor());
    parts_->listeners.push_back(std::move(listener).value());
    parts_->tasks.spawn(fmt::format("listener {}", port), accept_loop(parts_->listeners.back().get(), port));
}

async::Awaitable<> SimulatedServer::accept_loop(net::Listener* listener, std::uint16_t port) {
    for (;;) {
        auto stream = co_await listener->accept(simulation_.time.executor());
        if (!stream) co_return;
        parts_->tasks.spawn(fmt::format("connection to port {}", port), serve(port, std::move(*stream)));
    }
}

async::Awaitable<> SimulatedServer::serve(std::uint16_t port, std::unique_ptr<net::Stream> stream) {
    const bool encrypted = certificates_.server != nullptr;
    if (port == kPop3Port) {
        const pop3d::Listener listener{.tls = encrypted ? pop3d::TlsMode::starttls : pop3d::TlsMode::none,
                                       .password_without_tls = true};
        co_await pop3d::serve(parts_->pop3.get(), host_name_, listener, std::move(stream), true);
        co_return;
    }
    if (port == kImapPort) {
        const imapd::ListenerOptions listener{.tls = encrypted ? imapd::TlsMode::starttls : imapd::TlsMode::none,
                                              .password_without_tls = true};
        co_await imapd::serve_imap(parts_->imap.get(), std::move(stream), listener);
        co_return;
    }
    const smtpd::Listener listener{.role = port == kSmtpPort ? reception::Role::mx : reception::Role::submission,
                                   .tls = encrypted ? smtpd::TlsMode::starttls : smtpd::TlsMode::none,
                                   .password_without_tls = port == kSubmissionPort};
    co_await smtpd::serve(parts_->smtp.get(), parts_->smtp_settings, listener, std::move(stream), true);
}

async::Awaitable<> SimulatedServer::stop_parts() {
    for (const std::unique_ptr<net::Listener>& listener : parts_->listeners)
        listener->close();
    co_await parts_->relay->stop();
    parts_->journeys.stop();
    parts_->tasks.cancel();
    co_await parts_->tasks.join();
    const auto flushed = co_await parts_->journeys.flush();
    if (!flushed) log_.warning("the last journey events are lost", {{"reason", flushed.error().detail}});
}

async::Awaitable<> SimulatedServer::end() {
    if (!parts_) co_return;
    co_await stop_parts();
    parts_.reset();
    engine_.reset();
}

async::Awaitable<> SimulatedServer::lose_power() {
    disk_.cut_power();
    simulation_.network.crash(address_);
    if (parts_) {
        parts_->tasks.cancel();
        co_await stop_parts();
    }
    parts_.reset();
    engine_.reset();
    disk_.crash();
}

void SimulatedServer::cut_power_at(std::uint64_t nth, std::function<void()> gone) {
    disk_.cut_power(disk::FaultyFileSystem::Call::any, nth, [this, then = std::move(gone)] {
        simulation_.network.crash(address_);
        then();
    });
}

void SimulatedServer::start() {
    const bool begun = simulation_.run(begin());
    ASSERT(begun);
}

void SimulatedServer::stop() {
    simulation_.run(end());
}

void SimulatedServer::switch_off() {
    simulation_.run(lose_power());
}

void SimulatedServer::add_account(std::string_view address, std::string_view password) {
    auto added = simulation_.run(parts_->directory->administration().add_account(
        {.address = message::parse_email_address(address).value(), .password = std::string(password)}));
    ASSERT(added.has_value());
}

store::Queue& SimulatedServer::queue() {
    return parts_->queue;
}

std::vector<store::JourneyEvent> SimulatedServer::journey_events(std::string_view address) {
    ASSERT(simulation_.run(parts_->journeys.flush()).has_value());
    auto journeys = simulation_.run(parts_->journeys.find_address(std::string(address))).value();
    std::ranges::reverse(journeys);
    std::vector<store::JourneyEvent> all;
    for (const std::string& journey : journeys)
        std::ranges::move(simulation_.run(parts_->journeys.events(journey)).value(), std::back_inserter(all));
    return all;
}

} // namespace tegami::simulation
