// The inside of play(): machines that are crashed and revived, and what each kind of event does to them.
#pragma once

#include "async/event.h"
#include "async/task_group.h"
#include "simulation/imap_session.h"
#include "simulation/play.h"
#include "simulation/server.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::simulation {

/// One machine and who looks after it.
struct Machine {
    Machine(Simulation* simulation, std::string domain, const std::string& address, Passages* passages)
        : server(simulation, std::move(domain), address, {}, passages), power_gone(simulation->time.executor()) {}

    SimulatedServer server;
    async::Event power_gone;    ///< in the middle of a disk call
    bool without_power = false; ///< since then, until its keeper has noticed
    Duration down_for{};        ///< after it
    bool busy = false;          ///< somebody is stopping or starting it
};

class Stage {
public:
    Stage(const Scenario& scenario, std::uint64_t seed, bool keep_story);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    Outcome play(const std::vector<Event>& plan);

private:
    struct Sitting; ///< an IMAP session and its person

    // stage.cpp
    void build();
    async::Awaitable<> perform(Event event);
    async::Awaitable<> dispatch(Event event);
    async::Awaitable<> tend(Machine* machine);
    async::Awaitable<> await_power_cuts(Machine* machine);
    async::Awaitable<> lose_power(Machine* machine);
    async::Awaitable<> revive(Machine* machine);
    void heal();
    bool is_quiet();
    void settle();
    void take_census();
    async::Awaitable<> count_mailboxes(UserIndex user);
    async::Awaitable<bool> count_mailbox(ImapClient* client, UserIndex user, std::string mailbox);
    async::Awaitable<bool> log_in(ImapClient* client, UserIndex user);
    async::Awaitable<ImapAnswer> examine(ImapClient* client, UserIndex user, std::string mailbox);
    void compare_versions(ServerIndex index);
    void verify_stores();

    // people.cpp
    async::Awaitable<> submit(Event event);
    async::Awaitable<> come_from_outside(Event event);
    async::Awaitable<> hand_in(Event event, Dialogue* dialogue, bool from_user, UserIndex sender, ServerIndex server);
    async::Awaitable<> write_letter(Dialogue* dialogue, Letter* letter, std::string from);
    async::Awaitable<> sit_at_imap(Event event);
    async::Awaitable<> fetch_by_pop(Event event);
    async::Awaitable<bool> fetch_one(Dialogue* dialogue, std::uint32_t number, Place place);
    std::vector<Recipient> choose_recipients(SeededRandom& random, const Event& event, ServerIndex server) const;
    async::Awaitable<std::unique_ptr<Dialogue>> dial(UserIndex user, net::Endpoint to);

    // faults.cpp
    async::Awaitable<> crash(Event event);
    async::Awaitable<> restart(Event event);
    async::Awaitable<> cut(Event event);
    async::Awaitable<> weather(Event event);
    async::Awaitable<> fill_disk(Event event);
    void fail_disk(const Event& event);
    void rot(const Event& event);
    async::Awaitable<> break_dns(Event event);
    async::Awaitable<> move_clock(Event event);

    Machine& machine_of(std::uint64_t chance) { return *machines_[chance % machines_.size()]; }

    ServerIndex index_of(const Machine& machine) const;
    net::Network& network_of(UserIndex user);
    static IpAddress address_of_user(UserIndex user);
    static IpAddress address_of_server(ServerIndex server);
    async::Awaitable<> sleep(Duration duration);

    const Scenario& scenario_;
    Simulation simulation_;
    std::unique_ptr<Oracle> oracle_;
    std::vector<std::unique_ptr<Machine>> machines_;
    std::vector<std::unique_ptr<Sitting>> sittings_;
    Outcome outcome_;
    Duration longest_wait_{}; ///< that something which happened may cost a letter
    bool closing_ = false;    ///< people stop working
    async::TaskGroup people_;
    async::TaskGroup keepers_; ///< who look after machines
};

} // namespace tegami::simulation
