#include "app/server/connection_gate.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tegami::app {

namespace {

/// Limit: connections beyond the limit that are told so; further ones are closed at once.
constexpr std::size_t kRefusedAtOnce = 200;
/// What a connection takes that says nothing, with TLS (docs/benchmarks.md).
constexpr std::uint64_t kConnectionBytes = 28 * 1024;
/// Once three quarters of the places are taken, an address gets a tenth of what it gets otherwise.
constexpr std::size_t kScarcePart = 10;

} // namespace

void ConnectionGate::set_limits(LimitsConfig limits) {
    const std::lock_guard lock(guard_);
    limits_ = limits;
}

std::optional<IpAddress> ConnectionGate::counted_address(const std::optional<IpAddress>& address) {
    if (!address) return std::nullopt;
    const IpAddress plain = address->unmapped();
    if (plain.is_loopback()) return std::nullopt;
    if (plain.is_v4()) return plain;
    IpAddress::V6Octets octets = plain.v6_octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return IpAddress::v6(octets);
}

std::unique_ptr<ConnectionGate::Place> ConnectionGate::enter(std::optional<IpAddress> address) {
    const std::lock_guard lock(guard_);
    const auto counted = counted_address(address);
    const auto here = counted ? by_address_.find(*counted) : by_address_.end();
    const bool scarce = total_ >= limits_.connections / 4 * 3 || memory_.used() >= memory_.bytes_max() / 4 * 3;
    const std::size_t here_max = scarce ? std::max<std::size_t>(1, limits_.connections_per_address / kScarcePart)
                                        : limits_.connections_per_address;
    const bool many_here = here != by_address_.end() && here->second >= here_max;
    MemoryBudget::Charge memory(&memory_);
    if (many_here || total_ >= limits_.connections || !memory.resize(kConnectionBytes)) {
        if (refused_ >= kRefusedAtOnce) return nullptr;
        ++refused_;
        return std::make_unique<Place>(this, address, false, MemoryBudget::Charge());
    }
    ++total_;
    if (counted) ++by_address_[*counted];
    return std::make_unique<Place>(this, address, true, std::move(memory));
}

ConnectionGate::Use ConnectionGate::use() {
    const std::lock_guard lock(guard_);
    return {.connections = total_, .connections_max = limits_.connections};
}

void ConnectionGate::leave(const Place& place) {
    const std::lock_guard lock(guard_);
    if (!place.admitted_) {
        --refused_;
        return;
    }
    --total_;
    const auto counted = counted_address(place.address_);
    if (!counted) return;
    const auto entry = by_address_.find(*counted);
    if (--entry->second == 0) by_address_.erase(entry);
}

} // namespace tegami::app
