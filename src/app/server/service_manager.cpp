#include "app/server/service_manager.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace tegami::app {

namespace {

/// The first open file that LISTEN_FDS counts.
constexpr int kFirstInherited = 3;
/// Limit: of them.
constexpr int kInheritedMax = 256;

/// The value, which no other process started from here sees.
std::string taken_from_environment(const char* name) {
    const char* const value = std::getenv(name);
    std::string text = value ? value : "";
    ::unsetenv(name);
    return text;
}

/// A number of the environment that is for the process in `of`; nothing if it is for another one.
std::optional<std::uint64_t> number_for_us(const char* name, const char* of) {
    const auto process = ascii::parse_number<std::uint64_t>(taken_from_environment(of));
    const auto number = ascii::parse_number<std::uint64_t>(taken_from_environment(name));
    return !process || std::cmp_equal(*process, ::getpid()) ? number : std::nullopt;
}

std::vector<InheritedSocket> inherited_sockets() {
    const auto count = number_for_us("LISTEN_FDS", "LISTEN_PID");
    std::string names = taken_from_environment("LISTEN_FDNAMES");
    std::vector<InheritedSocket> sockets;
    for (int number = 0; number < kInheritedMax && std::cmp_less(number, count.value_or(0)); ++number) {
        const int file = kFirstInherited + number;
        if (::fcntl(file, F_SETFD, FD_CLOEXEC) != 0) break;
        const std::size_t end = std::min(names.find(':'), names.size());
        sockets.push_back({.name = names.substr(0, end), .socket = Descriptor(file)});
        names.erase(0, end + 1);
    }
    return sockets;
}

} // namespace

ServiceManager ServiceManager::from_environment() {
    ServiceManager manager;
    manager.inherited_ = inherited_sockets();
    manager.keeps_sockets_ = !manager.inherited_.empty();
    if (auto socket = net::NotifySocket::connect(taken_from_environment("NOTIFY_SOCKET")))
        manager.socket_.emplace(*std::move(socket));
    // systemd 254 says it by itself. Others that listen there, such as podman, keep nothing.
    manager.has_store_ = ascii::parse_number<unsigned>(taken_from_environment("FDSTORE")).value_or(0) > 0;
    const auto watchdog = number_for_us("WATCHDOG_USEC", "WATCHDOG_PID");
    if (manager.socket_ && watchdog && *watchdog > 0 && *watchdog < 1ULL << 62)
        manager.watchdog_ = Duration(static_cast<Duration::rep>(*watchdog));
    return manager;
}

void ServiceManager::keep(const std::string& name, int socket) {
    // FDPOLL=0: a socket that does not listen yet looks hung up, and systemd would drop it at once.
    if (socket_ && has_store_ &&
        socket_->send(fmt::format("FDSTORE=1\nFDPOLL=0\nFDNAME={}", name), std::span(&socket, 1)))
        keeps_sockets_ = true;
}

void ServiceManager::forget(const std::string& name) {
    if (!name.empty()) tell(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", name));
}

void ServiceManager::reloading(Instant now) {
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.time_since_epoch().count()));
}

void ServiceManager::set_status(const std::string& sentence) {
    if (sentence == status_) return;
    status_ = sentence;
    tell("STATUS=" + sentence);
}

} // namespace tegami::app
