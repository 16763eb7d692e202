#include "app/connection_gate.h"

#include <algorithm>
#include <optional>

namespace tegami::app {

namespace {

/// Limit: connections beyond the limit that are told so; further ones are closed at once.
constexpr std::size_t kRefusedAtOnce = 200;

} // namespace

void ConnectionGate::set_limits(LimitsConfig limits) {
    const std::lock_guard lock(guard_);
    limits_ = limits;
}

std::optional<IpAddress> ConnectionGate::counted_address(const IpAddress& address) {
    const IpAddress plain = address.unmapped();
    if (plain.is_loopback()) return std::nullopt;
    if (plain.is_v4()) return plain;
    IpAddress::V6Octets octets = plain.v6_octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return IpAddress::v6(octets);
}

std::unique_ptr<ConnectionGate::Place> ConnectionGate::enter(IpAddress address) {
    const std::lock_guard lock(guard_);
    if (total_ >= limits_.connections + kRefusedAtOnce) return nullptr;
    bool admitted = total_ < limits_.connections;
    ++total_;
    if (const auto counted = counted_address(address))
        admitted = ++by_address_[*counted] <= limits_.connections_per_address && admitted;
    return std::make_unique<Place>(this, address, admitted);
}

void ConnectionGate::leave(const IpAddress& address) {
    const std::lock_guard lock(guard_);
    --total_;
    const auto counted = counted_address(address);
    if (!counted) return;
    const auto entry = by_address_.find(*counted);
    if (--entry->second == 0) by_address_.erase(entry);
}

} // namespace tegami::app
