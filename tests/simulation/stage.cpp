#include "simulation/stage.h"

#include "simulation/sitting.h"
#include "store/recovery/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace tegami::simulation {

namespace {

constexpr auto kTendEvery = std::chrono::seconds(20);
constexpr auto kReviveEvery = std::chrono::seconds(30);
constexpr auto kLook = std::chrono::minutes(10);
/// Longer than the relay's longest wait between two attempts, and a session's longest patience, several times over.
constexpr auto kSettleMax = std::chrono::hours(36);
constexpr std::uint64_t kProblemsOfABitMax = 20;
constexpr const char* kMailboxes[] = {"INBOX", "Archive", "Trash", "Sent", "Junk", "Drafts"};
constexpr const char* kPassword = "wonderland";

std::string domain_of(ServerIndex server) {
    return std::string(1, static_cast<char>('a' + server)) + ".test";
}

} // namespace

Outcome play(const Scenario& scenario, std::uint64_t seed, const std::vector<Event>& plan, bool keep_story) {
    Stage stage(scenario, seed, keep_story);
    try {
        return stage.play(plan);
    } catch (const std::exception& thrown) {
        // Outside of any task: in an alarm of the engine, or where the simulation itself waits for something.
        return {.problems = {fmt::format("simulation: broke off: {}", thrown.what())}, .story = {}, .figures = {}};
    }
}

Stage::Stage(const Scenario& scenario, std::uint64_t seed, bool keep_story)
    : scenario_(scenario), simulation_(seed),
      people_(simulation_.time.executor(),
              [this](std::string_view task, std::string_view reason) {
                  simulation_.problem("simulation", fmt::format("{} broke off: {}", task, reason));
              }),
      keepers_(simulation_.time.executor(), [this](std::string_view task, std::string_view reason) {
          simulation_.problem("simulation", fmt::format("{} broke off: {}", task, reason));
      }) {
    simulation_.keeps_story = keep_story;
    build();
}

Stage::~Stage() {
    heal();
    people_.cancel();
    simulation_.run(people_.join());
    keepers_.cancel();
    simulation_.run(keepers_.join());
}

void Stage::build() {
    std::vector<User> users;
    for (ServerIndex server = 0; server < scenario_.servers; ++server)
        for (std::uint32_t i = 0; i < scenario_.users; ++i)
            users.push_back({server, fmt::format("u{}@{}", i, domain_of(server)), kPassword});
    oracle_ = std::make_unique<Oracle>(simulation_, users, scenario_.servers);
    for (ServerIndex server = 0; server < scenario_.servers; ++server)
        machines_.push_back(std::make_unique<Machine>(&simulation_, domain_of(server),
                                                      address_of_server(server).to_string(), &oracle_->passages()));
    for (const User& user : users)
        machines_[user.server]->server.add_account(user.address, user.password);
    for (const std::unique_ptr<Machine>& machine : machines_) {
        keepers_.spawn("keeper", tend(machine.get()));
        keepers_.spawn("keeper", await_power_cuts(machine.get()));
    }
}

Outcome Stage::play(const std::vector<Event>& plan) {
    for (const Event& event : plan)
        people_.spawn(std::string(name_of(event.kind)), perform(event));
    simulation_.time.run_for(scenario_.lasts);
    settle();
    take_census();
    closing_ = true;
    oracle_->judge();
    verify_stores();
    outcome_.problems = simulation_.problems;
    outcome_.figures = oracle_->figures();
    for (const std::unique_ptr<Machine>& machine : machines_)
        outcome_.disk_calls += machine->server.disk().calls(disk::FaultyFileSystem::Call::any);
    for (ServerIndex server = 0; server < machines_.size(); ++server)
        outcome_.crashes += oracle_->troubles(server).crashes;
    const Duration passed = simulation_.time.instant().time_since_epoch();
    outcome_.virtual_minutes = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::minutes>(passed).count());
    // Whatever differs between two runs sooner or later draws another number.
    outcome_.fingerprint = simulation_.time.random().number();
    outcome_.story = std::move(simulation_.story);
    return std::move(outcome_);
}

async::Awaitable<> Stage::sleep(Duration duration) {
    co_await async::sleep(&simulation_.time, duration);
}

async::Awaitable<> Stage::perform(Event event) {
    co_await sleep(event.at);
    ++outcome_.events.at(static_cast<std::size_t>(event.kind));
    co_await dispatch(event);
}

async::Awaitable<> Stage::dispatch(Event event) {
    switch (event.kind) {
    case EventKind::submit: return submit(event);
    case EventKind::outside: return come_from_outside(event);
    case EventKind::imap: return sit_at_imap(event);
    case EventKind::pop: return fetch_by_pop(event);
    case EventKind::crash:
    case EventKind::crash_at: return crash(event);
    case EventKind::restart: return restart(event);
    case EventKind::cut:
    case EventKind::cut_one_way: return cut(event);
    case EventKind::weather: return weather(event);
    case EventKind::disk_full: return fill_disk(event);
    case EventKind::disk_error: fail_disk(event); return sleep({});
    case EventKind::rot: rot(event); return sleep({});
    case EventKind::dns_fails:
    case EventKind::dns_lies: return break_dns(event);
    case EventKind::clock_jump: return move_clock(event);
    case EventKind::kinds: break;
    }
    return sleep({});
}

/// Starts the program again when the disk has failed under it, as an operator would.
async::Awaitable<> Stage::tend(Machine* machine) {
    for (;;) {
        co_await sleep(kTendEvery);
        if (machine->busy || !machine->server.is_on()) continue;
        compare_versions(index_of(*machine));
        if (!machine->server.engine().failed()) continue;
        machine->busy = true;
        simulation_.tell(machine->server.host_name(), "its disk has failed; the program is started again");
        co_await machine->server.end();
        co_await revive(machine);
    }
}

async::Awaitable<> Stage::await_power_cuts(Machine* machine) {
    for (;;) {
        co_await machine->power_gone.wait();
        machine->power_gone.reset();
        if (machine->busy || !machine->without_power) continue; // whoever starts it finds out
        machine->busy = true;
        co_await lose_power(machine);
        co_await revive(machine);
    }
}

/// What a power cut in the middle of a disk call leads to.
async::Awaitable<> Stage::lose_power(Machine* machine) {
    ++oracle_->troubles(index_of(*machine)).crashes;
    simulation_.tell(machine->server.host_name(), "loses power in the middle of a disk call");
    co_await machine->server.lose_power();
    machine->without_power = false;
    co_await sleep(machine->down_for);
}

/// Until it is on and stays on.
async::Awaitable<> Stage::revive(Machine* machine) {
    for (;;) {
        if (machine->without_power) {
            co_await lose_power(machine);
        }
        const bool begun = co_await machine->server.begin();
        if (begun && !machine->without_power) break;
        co_await sleep(kReviveEvery);
    }
    machine->busy = false;
    simulation_.tell(machine->server.host_name(), "is on again");
    compare_versions(index_of(*machine));
}

void Stage::compare_versions(ServerIndex index) {
    oracle_->saw_versions(index, machines_[index]->server.engine().versions());
}

void Stage::heal() {
    simulation_.network.set_faults({});
    for (ServerIndex one = 0; one < machines_.size(); ++one) {
        for (ServerIndex other = 0; other < one; ++other)
            simulation_.network.heal(address_of_server(one), address_of_server(other));
        for (UserIndex user = 0; user < oracle_->users().size(); ++user)
            simulation_.network.heal(address_of_server(one), address_of_user(user));
        const std::string& domain = machines_[one]->server.domain();
        simulation_.resolver.forget_failure(domain);
        simulation_.resolver.forget_failure("mail." + domain);
        simulation_.lying_resolver.forget_lie(domain);
    }
    for (const std::unique_ptr<Machine>& machine : machines_) {
        machine->server.disk().clear_failures();
        machine->server.disk().set_capacity(std::uint64_t{1} << 40);
        machine->server.clock().set_ahead({});
    }
}

bool Stage::is_quiet() {
    return std::ranges::all_of(machines_, [this](const std::unique_ptr<Machine>& machine) {
        if (machine->busy || !machine->server.is_on()) return false;
        const auto queued = simulation_.run(machine->server.queue().list(store::QueueId(), 1));
        return queued && queued->messages.empty();
    });
}

/// Faults end by themselves; then time passes until every queue is empty.
void Stage::settle() {
    simulation_.time.run_for(kLook);
    const Instant end = simulation_.time.instant() + kSettleMax + longest_wait_;
    heal();
    simulation_.tell("simulation", "everything is healed");
    bool quiet = false;
    while (!quiet && simulation_.time.instant() < end) {
        simulation_.time.run_for(kLook);
        quiet = is_quiet();
    }
    if (!quiet) simulation_.problem("simulation", "a queue does not become empty although nothing stands in its way");
    // Sessions that stopped working hold their pictures; the last news reaches them now.
    closing_ = true;
    simulation_.time.run_for(kLook);
}

void Stage::take_census() {
    for (UserIndex user = 0; user < oracle_->users().size(); ++user)
        simulation_.run(count_mailboxes(user));
    for (const std::unique_ptr<Sitting>& sitting : sittings_)
        if (!sitting->working) simulation_.run(sitting->session.look_at_last());
}

async::Awaitable<> Stage::count_mailboxes(UserIndex user) {
    ImapClient client(&network_of(user), &simulation_.time);
    const User& owner = oracle_->user(user);
    const bool connected = co_await log_in(&client, user);
    if (!connected) {
        simulation_.problem("simulation", owner.address + " cannot log in at the end");
        co_return;
    }
    for (const char* const mailbox : kMailboxes) {
        const bool counted = co_await count_mailbox(&client, user, mailbox);
        if (!counted) simulation_.problem("simulation", fmt::format("{} of {} cannot be read", mailbox, owner.address));
    }
}

async::Awaitable<bool> Stage::log_in(ImapClient* client, UserIndex user) {
    const User& owner = oracle_->user(user);
    const net::Endpoint server{machines_[owner.server]->server.address(), kImapPort};
    co_return co_await client->connect(server, owner.address, owner.password);
}

/// On a new connection, if a message that cannot be read has ended the last one in the middle of an answer.
async::Awaitable<ImapAnswer> Stage::examine(ImapClient* client, UserIndex user, std::string mailbox) {
    const ImapAnswer selected = co_await client->command("EXAMINE " + mailbox);
    if (selected.status != ImapStatus::gone) co_return selected;
    const bool again = co_await log_in(client, user);
    if (!again) co_return selected;
    co_return co_await client->command("EXAMINE " + mailbox);
}

async::Awaitable<bool> Stage::count_mailbox(ImapClient* client, UserIndex user, std::string mailbox) {
    const std::uint32_t least = oracle_->uid_next(user, mailbox);
    const ImapAnswer selected = co_await examine(client, user, mailbox);
    if (selected.status != ImapStatus::ok) co_return false;
    const std::uint32_t validity = code_number(selected, "UIDVALIDITY").value_or(0);
    oracle_->saw_mailbox(user, mailbox, validity, code_number(selected, "UIDNEXT").value_or(0), least);
    std::vector<Oracle::Found> found;
    const ImapAnswer shown = co_await client->command("UID FETCH 1:* (UID FLAGS)");
    for (const std::string& line : shown.untagged)
        if (auto fetched = parse_fetch(line); fetched && fetched->uid)
            found.push_back({*fetched->uid, fetched->flags.value_or(std::set<std::string>{}), {}});
    const ImapAnswer texts = co_await client->command("UID FETCH 1:* (UID BODY.PEEK[])");
    for (const std::string& line : texts.untagged)
        if (auto fetched = parse_fetch(line); fetched && fetched->uid && fetched->literal)
            for (Oracle::Found& message : found)
                if (message.uid == *fetched->uid) message.octets = std::move(*fetched->literal);
    if (texts.status != ImapStatus::ok) {
        // One that cannot be read ends the answer: the others are asked for one by one.
        for (Oracle::Found& message : found) {
            const ImapAnswer ready = co_await examine(client, user, mailbox);
            if (ready.status != ImapStatus::ok) continue;
            const ImapAnswer text =
                co_await client->command(fmt::format("UID FETCH {} (UID BODY.PEEK[])", message.uid));
            if (text.untagged.empty()) continue;
            if (auto fetched = parse_fetch(text.untagged.front()); fetched && fetched->literal)
                message.octets = std::move(*fetched->literal);
        }
    }
    oracle_->census(user, mailbox, validity, found);
    co_return shown.status == ImapStatus::ok;
}

void Stage::verify_stores() {
    for (ServerIndex server = 0; server < machines_.size(); ++server) {
        SimulatedServer& machine = machines_[server]->server;
        if (!machine.is_on()) continue;
        const auto report = simulation_.run(store::verify(&machine.engine(), {.read_blobs = true}));
        if (!report) {
            simulation_.problem(machine.host_name(), "the store cannot be verified: " + report.error().detail);
            continue;
        }
        // Every copy of a message is the same blob.
        const std::uint64_t allowed = oracle_->troubles(server).rotten_bits * kProblemsOfABitMax;
        if (report->problems > allowed)
            simulation_.problem(machine.host_name(), fmt::format("verify finds {} problems: {}", report->problems,
                                                                 fmt::join(report->findings, "; ")));
    }
}

ServerIndex Stage::index_of(const Machine& machine) const {
    const auto at = std::ranges::find(machines_, &machine, &std::unique_ptr<Machine>::get);
    return static_cast<ServerIndex>(at - machines_.begin());
}

IpAddress Stage::address_of_user(UserIndex user) {
    return IpAddress::parse(fmt::format("198.51.100.{}", user + 1)).value();
}

IpAddress Stage::address_of_server(ServerIndex server) {
    return IpAddress::parse(fmt::format("192.0.2.{}", server + 1)).value();
}

net::Network& Stage::network_of(UserIndex user) {
    return simulation_.network.host(address_of_user(user));
}

} // namespace tegami::simulation
