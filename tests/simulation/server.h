// Whole servers for tests: the real rooms joined as src/app joins them, on a simulated network, a DNS in a table, the
// memory engine and virtual time.
//
// 1. One thread; the same seed gives the same run, down to the event log.
// 2. A server's engine outlives stop() and switch_off(): what was durable is there again after start().
// 3. Listeners: 25 (other servers), 587 (users), 110 (POP3), in the clear unless a certificate is given.
#pragma once

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "delivery/delivery.h"
#include "net/simulated_network.h"
#include "net/simulated_resolver.h"
#include "relay/relay.h"
#include "service/pop3d/pop3d.h"
#include "service/smtpd/smtpd.h"
#include "store/engine/memory.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

inline constexpr std::uint16_t kSmtpPort = 25;
inline constexpr std::uint16_t kSubmissionPort = 587;
inline constexpr std::uint16_t kPop3Port = 110;

/// Notes every event with its time and machine, so that two runs can be compared.
class EventLog final : public Log {
public:
    EventLog(const Clock& clock, std::vector<std::string>& lines, std::string machine)
        : clock_(clock), lines_(lines), machine_(std::move(machine)) {}

    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;

private:
    const Clock& clock_;
    std::vector<std::string>& lines_;
    std::string machine_;
};

/// What all machines share.
class Simulation {
public:
    explicit Simulation(std::uint64_t seed);

    /// Runs `work` to its end while everything else goes on.
    template <class T>
    T run(async::Awaitable<T> work) {
        return time.run(std::move(work));
    }

    async::VirtualTime time;
    net::SimulatedNetwork network;
    net::SimulatedResolver resolver;
    std::vector<std::string> events;
};

struct ServerCertificates {
    std::shared_ptr<const net::TlsServerContext> server; ///< null: everything in the clear
    std::shared_ptr<const net::TlsClientContext> client;
};

class SimulatedServer {
public:
    /// The machine mail.<domain> at `address`, with MX and A in the DNS; runs.
    SimulatedServer(Simulation* simulation, std::string domain, std::string_view address,
                    ServerCertificates certificates = {});
    ~SimulatedServer();
    SimulatedServer(const SimulatedServer&) = delete;
    SimulatedServer& operator=(const SimulatedServer&) = delete;

    /// Opens the store and serves.
    void start();
    /// Ends in good order.
    void stop();
    /// The machine loses power: its connections vanish without a word, and what was being done stays half done.
    void switch_off();

    void add_account(std::string_view address, std::string_view password);

    const IpAddress& address() const { return address_; }

    store::Queue& queue();
    /// Of every journey that `address` took part in: kind and fields, oldest first.
    std::vector<store::JourneyEvent> journey_events(std::string_view address);

private:
    struct Parts;

    async::Awaitable<> accept_loop(net::Listener* listener, std::uint16_t port);
    async::Awaitable<> serve(std::uint16_t port, std::unique_ptr<net::Stream> stream);
    async::Awaitable<> stop_parts();
    void listen(std::uint16_t port);

    Simulation& simulation_;
    const std::string domain_;
    const std::string host_name_;
    const IpAddress address_;
    const ServerCertificates certificates_;
    EventLog log_;
    store::MemoryEngine engine_;
    async::InlinePool workers_;
    std::unique_ptr<Parts> parts_;
};

} // namespace tegami::simulation
