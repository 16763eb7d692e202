// What all machines of a simulation share: time, the network, the DNS, the event log, and what went wrong.
#pragma once

#include "async/virtual_time.h"
#include "base/log.h"
#include "net/simulated_network.h"
#include "net/simulated_resolver.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

/// Answers from the table, or with what another name has.
class LyingResolver final : public net::Resolver {
public:
    explicit LyingResolver(net::Resolver* truth) : truth_(truth) {}

    /// Questions for `name` are answered as if they were for `other`, until forget_lie().
    void lie(std::string_view name, std::string_view other);
    void forget_lie(std::string_view name);

    async::Awaitable<net::DnsAnswer> query(dns::Name name, dns::Type type) override;

private:
    net::Resolver* const truth_;
    std::map<dns::Name, dns::Name> lies_;
};

/// One seed, one run.
class Simulation {
public:
    explicit Simulation(std::uint64_t seed);

    /// Runs `work` to its end while everything else goes on.
    template <class T>
    T run(async::Awaitable<T> work) {
        return time.run(std::move(work));
    }

    /// Adds a line to the story: when, who, what.
    void tell(std::string_view who, std::string_view what);
    /// Something that must never happen has happened.
    void problem(std::string_view who, std::string what);

    async::VirtualTime time;
    net::SimulatedNetwork network;
    net::SimulatedResolver resolver;
    LyingResolver lying_resolver{&resolver};
    bool keeps_story = true;
    std::vector<std::string> story;
    std::vector<std::string> problems;
};

/// Notes every event of one machine in the story.
class EventLog final : public Log {
public:
    EventLog(Simulation& simulation, std::string machine) : simulation_(simulation), machine_(std::move(machine)) {}

    void write(LogLevel level, std::string_view event, LogFields fields) override;

private:
    Simulation& simulation_;
    std::string machine_;
};

/// A machine's clock: the simulation's time, and how far its wall clock is wrong.
class MachineClock final : public async::Timers {
public:
    explicit MachineClock(async::VirtualTime& time) : time_(time) {}

    void set_ahead(Duration ahead) { ahead_ = ahead; }

    Timestamp now() const override { return time_.now() + ahead_; }

    Instant instant() const override { return time_.instant(); }

    std::unique_ptr<async::Timer> make_timer(async::Executor executor) override { return time_.make_timer(executor); }

private:
    async::VirtualTime& time_;
    Duration ahead_{};
};

} // namespace tegami::simulation
