#include "sandbox/rules.h"

#include <filesystem>

namespace tegami::sandbox {

std::vector<Rule> system_files() {
    std::vector<Rule> rules;
    for (const std::string_view path :
         {// Names, users and services.
          "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
          "/etc/protocols", "/etc/passwd", "/etc/group", "/run/systemd/resolve", "/run/resolvconf",
          "/run/NetworkManager",
          // OpenSSL: its settings and the authorities that are believed; the root's key of DNSSEC.
          "/etc/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/dns",
          // Local time.
          "/etc/localtime", "/etc/timezone",
          // Libraries that are loaded later, their data and /usr/share/zoneinfo.
          "/usr/lib", "/usr/share", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache",
          // What a process may know of itself and the machine.
          "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys", "/sys/devices/system/cpu",
          "/dev/random", "/dev/urandom"})
        rules.push_back({.path = std::string(path)});
    rules.push_back({.path = "/dev/null", .access = Access::write});
    return rules;
}

std::vector<Rule> folder_of(std::string_view file) {
    std::vector<Rule> rules;
    const std::filesystem::path path(file);
    if (!path.has_parent_path()) return rules;
    rules.push_back({.path = path.parent_path().string()});
    std::error_code error;
    const std::filesystem::path target = std::filesystem::canonical(path, error);
    if (!error && target.parent_path() != path.parent_path()) rules.push_back({.path = target.parent_path().string()});
    return rules;
}

} // namespace tegami::sandbox
