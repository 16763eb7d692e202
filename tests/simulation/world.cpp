#include "simulation/world.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tegami::simulation {

void LyingResolver::lie(std::string_view name, std::string_view other) {
    lies_.insert_or_assign(dns::Name::parse(name).value(), dns::Name::parse(other).value());
}

void LyingResolver::forget_lie(std::string_view name) {
    lies_.erase(dns::Name::parse(name).value());
}

async::Awaitable<net::DnsAnswer> LyingResolver::query(dns::Name name, dns::Type type) {
    const auto lie = lies_.find(name);
    if (lie != lies_.end()) name = lie->second;
    co_return co_await truth_->query(std::move(name), type);
}

Simulation::Simulation(std::uint64_t seed) : time(seed), network(&time), resolver(&time) {}

void Simulation::tell(std::string_view who, std::string_view what) {
    if (!keeps_story) return;
    const auto now = std::chrono::floor<std::chrono::milliseconds>(time.instant().time_since_epoch());
    story.push_back(fmt::format("{:%T} {:<12} {}", now - std::chrono::hours(1), who, what));
}

void Simulation::problem(std::string_view who, std::string what) {
    tell(who, "WRONG: " + what);
    problems.push_back(fmt::format("{}: {}", who, std::move(what)));
}

void EventLog::write(LogLevel, std::string_view event, LogFields fields) {
    if (!simulation_.keeps_story) return;
    std::string line(event);
    for (const LogField& field : fields)
        line += fmt::format(" {}={}", field.name, field.value);
    simulation_.tell(machine_, line);
}

} // namespace tegami::simulation
