// The service of the package, where systemd runs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tegami::app {

/// Whether systemd runs here, and has the service of the package.
bool has_system_service();

/// Runs `systemctl` with these words; whether it went well. What it prints is seen.
bool run_systemctl(const std::vector<std::string>& words);

/// How much memory systemd lets the service have, in octets: with what the system counts to it besides (files that it maps
/// and has just read, processes that read attachments).
struct ServiceLimits {
    std::uint64_t high = 0; ///< above this it is slowed down
    std::uint64_t most = 0; ///< it never has more

    bool operator==(const ServiceLimits&) const = default;
};

/// The limits for a server that keeps to this budget.
ServiceLimits service_limits_for(std::uint64_t memory_budget);

} // namespace tegami::app
