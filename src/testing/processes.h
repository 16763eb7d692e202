// The processes that a test has made, as the system knows them.
#pragma once

#include <sys/types.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tegami::testing {

/// Those that run and that `parent` has made.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t process = 0;
        std::from_chars(name.data(), name.data() + name.size(), process);
        std::ifstream file(entry.path() / "stat");
        std::string stat;
        if (process == 0 || !std::getline(file, stat)) continue;
        // "7 (name) S PARENT"
        const std::string state = stat.substr(stat.rfind(')') + 2);
        if (state[0] != 'Z' && std::stoi(state.substr(2)) == parent) children.push_back(process);
    }
    return children;
}

} // namespace tegami::testing
