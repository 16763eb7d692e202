// What befalls machines, disks, names, clocks and the network.
#include "simulation/stage.h"

#include <fmt/format.h>

#include <array>

namespace tegami::simulation {

using Call = disk::FaultyFileSystem::Call;

async::Awaitable<> Stage::crash(Event event) {
    Machine* const machine = &machine_of(event.seed);
    if (machine->busy || !machine->server.is_on()) co_return;
    machine->down_for = event.lasts;
    if (event.kind == EventKind::crash_at) {
        machine->server.cut_power_at(event.count, [machine] {
            machine->without_power = true;
            machine->power_gone.set();
        });
        co_return;
    }
    machine->busy = true;
    ++oracle_->troubles(index_of(*machine)).crashes;
    simulation_.tell(machine->server.host_name(), "loses power");
    co_await machine->server.lose_power();
    machine->without_power = false;
    co_await sleep(event.lasts);
    co_await revive(machine);
}

async::Awaitable<> Stage::restart(Event event) {
    Machine* const machine = &machine_of(event.seed);
    if (machine->busy || !machine->server.is_on()) co_return;
    machine->busy = true;
    // What was sent and not concluded when it stops is sent again: the same as after a crash.
    ++oracle_->troubles(index_of(*machine)).crashes;
    simulation_.tell(machine->server.host_name(), "is stopped in good order");
    co_await machine->server.end();
    co_await sleep(event.lasts);
    co_await revive(machine);
}

async::Awaitable<> Stage::cut(Event event) {
    SeededRandom random(event.seed);
    const IpAddress one = address_of_server(random.below(machines_.size()));
    IpAddress other = address_of_server(random.below(machines_.size()));
    if (one == other || random.below(3) == 0) other = address_of_user(random.below(oracle_->users().size()));
    const bool both = event.kind == EventKind::cut;
    simulation_.tell("network", fmt::format("nothing passes from {} to {}{}", one.to_string(), other.to_string(),
                                            both ? ", or back" : ""));
    both ? simulation_.network.cut(one, other) : simulation_.network.cut_one_way(one, other);
    co_await sleep(event.lasts);
    simulation_.network.heal(one, other);
    simulation_.tell("network", fmt::format("{} and {} are joined again", one.to_string(), other.to_string()));
}

async::Awaitable<> Stage::weather(Event event) {
    SeededRandom random(event.seed);
    const auto chance = [&random](std::uint32_t most) { return static_cast<std::uint32_t>(random.below(most)); };
    simulation_.tell("network", "bad weather begins");
    simulation_.network.set_faults({.latency_max = std::chrono::milliseconds(20 + chance(2000)),
                                    .connect_refused = chance(100'000),
                                    .connect_lost = chance(50'000),
                                    .segment_reset = chance(50'000),
                                    .segment_stuck = chance(10'000),
                                    .segment_late = chance(50'000),
                                    .lateness = std::chrono::seconds(1 + chance(400))});
    co_await sleep(event.lasts);
    simulation_.network.set_faults({});
    simulation_.tell("network", "bad weather ends");
}

async::Awaitable<> Stage::fill_disk(Event event) {
    Machine* const machine = &machine_of(event.seed);
    disk::FaultyFileSystem& disk = machine->server.disk();
    SeededRandom random(event.seed);
    const std::uint64_t used = (std::uint64_t{1} << 40) - disk.free_bytes("/data").value_or(0);
    simulation_.tell(machine->server.host_name(), "the disk is nearly full");
    disk.set_capacity(used + random.below(30'000));
    co_await sleep(event.lasts);
    disk.set_capacity(std::uint64_t{1} << 40);
    simulation_.tell(machine->server.host_name(), "the disk has room again");
}

void Stage::fail_disk(const Event& event) {
    Machine& machine = machine_of(event.seed);
    constexpr std::array kCalls{Call::read, Call::write, Call::sync};
    const Call call = kCalls[event.seed / machines_.size() % kCalls.size()];
    simulation_.tell(machine.server.host_name(), fmt::format("{} {} from now will fail",
                                                             call == Call::read    ? "read"
                                                             : call == Call::write ? "write"
                                                                                   : "sync",
                                                             event.count));
    ++oracle_->troubles(index_of(machine)).disk_errors;
    machine.server.disk().fail(call, event.count, disk::ErrorCode::io);
}

void Stage::rot(const Event& event) {
    Machine& machine = machine_of(event.seed);
    SeededRandom random(event.seed);
    disk::FaultyFileSystem& disk = machine.server.disk();
    const auto names = disk.list("/data/segments");
    if (!names || names->empty()) return;
    const std::string path = "/data/segments/" + (*names)[random.below(names->size())];
    const auto file = disk.open_read_only(path);
    const std::uint64_t size = file ? (*file)->size().value_or(0) : 0;
    if (size <= 8) return;
    ++oracle_->troubles(index_of(machine)).rotten_bits;
    // A letter in the queue that cannot be read is given up when its time is over.
    longest_wait_ = std::max<Duration>(longest_wait_, std::chrono::days(6));
    const std::uint64_t at = 8 + random.below(size - 8);
    simulation_.tell(machine.server.host_name(), fmt::format("a bit of {} rots at {}", path, at));
    disk.rot(path, at);
}

async::Awaitable<> Stage::break_dns(Event event) {
    SeededRandom random(event.seed);
    const ServerIndex server = random.below(machines_.size());
    const std::string domain = machines_[server]->server.domain();
    const std::uint64_t how = random.below(3);
    if (event.kind == EventKind::dns_fails) {
        const auto status = how == 0 ? net::DnsStatus::timed_out : net::DnsStatus::server_failure;
        simulation_.tell("dns", domain + " cannot be looked up");
        simulation_.resolver.fail(how == 2 ? "mail." + domain : domain, status);
    } else {
        oracle_->troubles(server).name_lied_about = true;
        const std::string other =
            how == 0 ? "nowhere.test" : machines_[random.below(machines_.size())]->server.domain();
        simulation_.tell("dns", fmt::format("{} is said to be {}", domain, other));
        simulation_.lying_resolver.lie(domain, other);
    }
    co_await sleep(event.lasts);
    simulation_.resolver.forget_failure(domain);
    simulation_.resolver.forget_failure("mail." + domain);
    simulation_.lying_resolver.forget_lie(domain);
    simulation_.tell("dns", domain + " is answered for truly again");
}

async::Awaitable<> Stage::move_clock(Event event) {
    Machine* const machine = &machine_of(event.seed);
    SeededRandom random(event.seed);
    // Mostly minutes; sometimes more than a queue's patience.
    const auto minutes = static_cast<std::int64_t>(random.below(4) == 0 ? random.below(9000) : random.below(90));
    const Duration by = std::chrono::minutes(random.below(2) == 0 ? minutes : -minutes);
    if (minutes > 4 * 24 * 60) oracle_->troubles(index_of(*machine)).clock_leapt = true;
    simulation_.tell(machine->server.host_name(), fmt::format("its clock is wrong by {} minutes",
                                                              std::chrono::floor<std::chrono::minutes>(by).count()));
    machine->server.clock().set_ahead(by);
    co_await sleep(event.lasts);
    machine->server.clock().set_ahead({});
    simulation_.tell(machine->server.host_name(), "its clock is right again");
}

} // namespace tegami::simulation
