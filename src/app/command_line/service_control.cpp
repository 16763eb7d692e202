#include "app/command_line/service_control.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace tegami::app {

bool has_system_service() {
    std::error_code error;
    return std::filesystem::exists("/run/systemd/system", error) &&
           (std::filesystem::exists("/lib/systemd/system/tegami.service", error) ||
            std::filesystem::exists("/etc/systemd/system/tegami.service", error));
}

bool run_systemctl(const std::vector<std::string>& words) {
    std::vector<std::string> all{"systemctl"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawnp(&child, "systemctl", nullptr, nullptr, arguments.data(), environ) != 0) return false;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

ServiceLimits service_limits_for(std::uint64_t memory_budget) {
    constexpr std::uint64_t kMiB = 1ULL << 20;
    const std::uint64_t high = memory_budget + std::max(memory_budget / 2, 512 * kMiB);
    return {.high = high, .most = high + std::max(memory_budget / 2, 1024 * kMiB)};
}

} // namespace tegami::app
