// The service of the package, where systemd runs it.
#pragma once

#include <string>
#include <vector>

namespace tegami::app {

/// Whether systemd runs here, and has the service of the package.
bool has_system_service();

/// Runs `systemctl` with these words; whether it went well. What it prints is seen.
bool run_systemctl(const std::vector<std::string>& words);

} // namespace tegami::app
