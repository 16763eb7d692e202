#include "simulation/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::simulation {

namespace {

/// As little work for a password as the parameters allow.
constexpr directory::PasswordCost kCheap{.memory_kib = 16, .passes = 1, .lanes = 1, .scram_iterations = 4096};

class AccountStores final : public directory::AccountStores {
public:
    explicit AccountStores(store::Store& store) : store_(store) {}

    async::Awaitable<store::StoreResult<>> create(store::AccountId account, std::uint64_t quota_bytes) override {
        const auto made = co_await store_.create_account(account, {.bytes_max = quota_bytes});
        if (!made && made.error().code != store::ErrorCode::exists) co_return failure(made.error());
        co_return store::StoreResult<>();
    }

    async::Awaitable<store::StoreResult<>> erase(store::AccountId account) override {
        co_return co_await store_.remove_account(account);
    }

private:
    store::Store& store_;
};

} // namespace

void EventLog::write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) {
    std::string line = fmt::format("{} {}: {}", clock_.now().time_since_epoch().count(), machine_, event);
    for (const LogField& field : fields)
        line += fmt::format(" {}={}", field.name, field.value);
    lines_.push_back(std::move(line));
}

Simulation::Simulation(std::uint64_t seed) : time(seed), network(&time), resolver(&time) {}

/// What runs while the machine is on; in the order of its needs.
struct SimulatedServer::Parts {
    explicit Parts(SimulatedServer& server)
        : clock(server.simulation_.time), store(&server.engine_, &clock, &clock.random()),
          queue(&server.engine_, &clock), journeys(&server.engine_, &clock, &clock.random()), stores(store),
          tls(server.certificates_.server),
          tasks(clock.executor(), [log = &server.log_](std::string_view task, std::string_view reason) {
              ADD_FAILURE() << "task " << task << " broke off: " << reason;
              log->error("a task broke off", {{"task", task}, {"reason", reason}});
          }) {}

    async::VirtualTime& clock;
    store::Store store;
    store::Queue queue;
    store::Journeys journeys;
    AccountStores stores;
    net::CurrentTlsServerContext tls;
    std::unique_ptr<directory::Directory> directory;
    std::unique_ptr<directory::Authenticator> authenticator;
    std::unique_ptr<reception::Reception> reception;
    std::unique_ptr<delivery::Delivery> delivery;
    std::unique_ptr<relay::Relay> relay;
    pop3d::MaildropLocks locks;
    MemoryBudget memory{64u << 20};
    std::unique_ptr<smtpd::Service> smtp;
    std::shared_ptr<const smtpd::Settings> smtp_settings;
    std::unique_ptr<pop3d::Service> pop3;
    std::vector<std::unique_ptr<net::Listener>> listeners;
    async::TaskGroup tasks;
};

SimulatedServer::SimulatedServer(Simulation* simulation, std::string domain, std::string_view address,
                                 ServerCertificates certificates)
    : simulation_(*simulation), domain_(std::move(domain)), host_name_("mail." + domain_),
      address_(IpAddress::parse(address).value()), certificates_(std::move(certificates)),
      log_(simulation_.time, simulation_.events, host_name_) {
    simulation_.resolver.add(domain_, "MX", "10 " + host_name_);
    simulation_.resolver.add(host_name_, address_.is_v4() ? "A" : "AAAA", address_.to_string());
    start();
    auto added = simulation_.run(
        parts_->directory->add_domain({.name = message::Domain::parse(domain_).value(), .catch_all = {}}));
    EXPECT_TRUE(added.has_value());
}

SimulatedServer::~SimulatedServer() {
    if (parts_) stop();
}

void SimulatedServer::start() {
    parts_ = std::make_unique<Parts>(*this);
    Parts& parts = *parts_;
    async::VirtualTime& time = simulation_.time;
    const message::Domain own = message::Domain::parse(domain_).value();
    auto opened = simulation_.run(directory::Directory::open(
        {.engine = engine_, .workers = workers_, .clock = time, .random = time.random(), .stores = parts.stores},
        {.default_domain = own, .cost = kCheap}));
    parts.directory = std::move(opened).value();
    parts.authenticator = std::make_unique<directory::Authenticator>(*parts.directory, workers_, time, time.random());
    parts.reception = std::make_unique<reception::Reception>(*parts.directory, parts.store);
    parts.delivery =
        std::make_unique<delivery::Delivery>(parts.store, parts.queue, parts.journeys, time,
                                             delivery::DeliveryOptions{}, [made = &parts] { made->relay->wake(); });
    parts.relay =
        std::make_unique<relay::Relay>(relay::RelayNeeds{.store = parts.store,
                                                         .queue = parts.queue,
                                                         .journeys = parts.journeys,
                                                         .directory = *parts.directory,
                                                         .delivery = *parts.delivery,
                                                         .network = simulation_.network.host(address_),
                                                         .resolver = simulation_.resolver,
                                                         .tls = certificates_.client,
                                                         .timers = time,
                                                         .random = time.random(),
                                                         .log = log_},
                                       relay::RelayOptions{.host_name = host_name_, .retry = {}}, time.executor());
    parts.smtp = std::make_unique<smtpd::Service>(smtpd::Service{.directory = *parts.directory,
                                                                 .authenticator = *parts.authenticator,
                                                                 .reception = *parts.reception,
                                                                 .delivery = *parts.delivery,
                                                                 .store = parts.store,
                                                                 .journeys = parts.journeys,
                                                                 .tls = parts.tls,
                                                                 .memory = parts.memory,
                                                                 .timers = time,
                                                                 .random = time.random(),
                                                                 .log = log_});
    parts.smtp_settings = std::make_shared<const smtpd::Settings>(
        smtpd::Settings{.host_name = host_name_, .default_domain = own, .trusted_networks = {}});
    parts.pop3 = std::make_unique<pop3d::Service>(pop3d::Service{.directory = *parts.directory,
                                                                 .authenticator = *parts.authenticator,
                                                                 .store = parts.store,
                                                                 .journeys = parts.journeys,
                                                                 .locks = parts.locks,
                                                                 .tls = parts.tls,
                                                                 .timers = time,
                                                                 .random = time.random(),
                                                                 .log = log_});
    parts.tasks.spawn("journeys", parts.journeys.run());
    parts.tasks.spawn("relay", parts.relay->run());
    for (const std::uint16_t port : {kSmtpPort, kSubmissionPort, kPop3Port})
        listen(port);
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
    EXPECT_TRUE(flushed.has_value());
}

void SimulatedServer::stop() {
    simulation_.run(stop_parts());
    parts_.reset();
}

void SimulatedServer::switch_off() {
    simulation_.network.crash(address_);
    parts_->tasks.cancel();
    simulation_.run(stop_parts());
    parts_.reset();
}

void SimulatedServer::add_account(std::string_view address, std::string_view password) {
    auto added = simulation_.run(parts_->directory->add_account(
        {.address = message::parse_email_address(address).value(), .password = std::string(password)}));
    EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().message);
}

store::Queue& SimulatedServer::queue() {
    return parts_->queue;
}

std::vector<store::JourneyEvent> SimulatedServer::journey_events(std::string_view address) {
    EXPECT_TRUE(simulation_.run(parts_->journeys.flush()).has_value());
    auto journeys = simulation_.run(parts_->journeys.find_address(std::string(address))).value();
    std::ranges::reverse(journeys);
    std::vector<store::JourneyEvent> all;
    for (const std::string& journey : journeys)
        std::ranges::move(simulation_.run(parts_->journeys.events(journey)).value(), std::back_inserter(all));
    return all;
}

} // namespace tegami::simulation
