// Whole servers for tests: the real rooms joined as src/app joins them, on a simulated network, a DNS in a table, a
// disk that crashes and virtual time.
//
// 1. One thread; the same seed gives the same run, down to the story.
// 2. A server's disk outlives stop() and switch_off(); a power cut takes from it what was not synced.
// 3. Listeners: 25 (other servers), 587 (users), 110 (POP3), 143 (IMAP), in the clear unless a certificate is given.
#pragma once

#include "async/task_group.h"
#include "async/worker_pool.h"
#include "delivery/delivery.h"
#include "disk/faulty.h"
#include "index/indexer.h"
#include "relay/relay.h"
#include "service/imapd/service.h"
#include "service/pop3d/pop3d.h"
#include "service/smtpd/smtpd.h"
#include "simulation/tap.h"
#include "simulation/world.h"
#include "store/engine/logged_memory.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

inline constexpr std::uint16_t kSmtpPort = 25;
inline constexpr std::uint16_t kSubmissionPort = 587;
inline constexpr std::uint16_t kPop3Port = 110;
inline constexpr std::uint16_t kImapPort = 143;

struct ServerCertificates {
    std::shared_ptr<const net::TlsServerContext> server; ///< null: everything in the clear
    std::shared_ptr<const net::TlsClientContext> client;
};

class SimulatedServer {
public:
    /// The machine mail.<domain> at `address`, with MX and A in the DNS; runs. What it sends to other servers is noted
    /// in `passages`, if there are any.
    SimulatedServer(Simulation* simulation, std::string domain, std::string_view address,
                    ServerCertificates certificates = {}, Passages* passages = nullptr);
    ~SimulatedServer();
    SimulatedServer(const SimulatedServer&) = delete;
    SimulatedServer& operator=(const SimulatedServer&) = delete;

    /// Opens the store and serves; false if the disk does not let it.
    async::Awaitable<bool> begin();
    /// Ends in good order.
    async::Awaitable<> end();
    /// The machine loses power: its connections vanish without a word, and what was being done stays half done.
    async::Awaitable<> lose_power();
    /// The power goes during the `nth` disk call from now. `gone` is called
    /// inside it and only wakes somebody who then calls lose_power().
    void cut_power_at(std::uint64_t nth, std::function<void()> gone);

    // The same, while everything else goes on.
    void start();
    void stop();
    void switch_off();

    bool is_on() const { return parts_ != nullptr; }

    void add_account(std::string_view address, std::string_view password);

    const IpAddress& address() const { return address_; }

    const std::string& domain() const { return domain_; }

    const std::string& host_name() const { return host_name_; }

    disk::FaultyFileSystem& disk() { return disk_; }

    MachineClock& clock() { return clock_; }

    /// Only while it is on.
    store::LoggedMemoryEngine& engine() { return *engine_; }

    store::Queue& queue();
    /// Of every journey that `address` took part in: kind and fields, oldest first.
    std::vector<store::JourneyEvent> journey_events(std::string_view address);

private:
    struct Parts;

    async::Awaitable<bool> open_parts();
    void make_services();
    async::Awaitable<> accept_loop(net::Listener* listener, std::uint16_t port);
    async::Awaitable<> serve(std::uint16_t port, std::unique_ptr<net::Stream> stream);
    async::Awaitable<> sweep_daily();
    async::Awaitable<> stop_parts();
    void listen(std::uint16_t port);

    Simulation& simulation_;
    const std::string domain_;
    const std::string host_name_;
    const IpAddress address_;
    const ServerCertificates certificates_;
    EventLog log_;
    MachineClock clock_;
    disk::FaultyFileSystem disk_;
    std::unique_ptr<TappedNetwork> tapped_; ///< null: nobody listens
    async::InlinePool workers_;
    std::unique_ptr<store::LoggedMemoryEngine> engine_;
    std::unique_ptr<Parts> parts_;
};

} // namespace tegami::simulation
