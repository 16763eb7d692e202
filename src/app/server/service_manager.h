// Whoever starts this process as a service, looks after it and keeps its listening sockets while it is replaced: systemd,
// or our own socket_holder.h. The protocols are those of sd_notify(3) and sd_listen_fds(3).
//
// 1. Without a manager every call does nothing.
// 2. What the environment says is taken before the process gives up its rights, and removed: it is for this process alone.
#pragma once

#include "async/timer.h"
#include "base/descriptor.h"
#include "net/notify_socket.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// A server that ends with this status wants to be started again at once; its sockets are kept meanwhile.
inline constexpr int kStartAgain = 75;

/// A socket that came with the process.
struct InheritedSocket {
    std::string name;
    Descriptor socket;
};

/// Calls are from any thread but for set_status().
class ServiceManager {
public:
    /// Nobody manages this process.
    ServiceManager() = default;
    /// The one of NOTIFY_SOCKET, WATCHDOG_USEC, FDSTORE (how many sockets it keeps), LISTEN_FDS. Before other threads are made.
    static ServiceManager from_environment();

    /// What LISTEN_FDS gave, once.
    std::vector<InheritedSocket> take_sockets() { return std::exchange(inherited_, {}); }

    /// Keeps the socket under a name that nothing else has, until the service is stopped; for this process's successor.
    void keep(const std::string& name, int socket);
    /// Closes what it keeps under this name.
    void forget(const std::string& name);

    /// Whether the successor of this process will get its sockets.
    bool keeps_sockets() const { return keeps_sockets_; }

    /// Whether the successor begins with the rights that this process began with, and has given up.
    bool starts_with_rights() const { return has_store_; }

    /// How often alive() must be called; nothing: nobody waits for it.
    std::optional<Duration> watchdog_interval() const { return watchdog_; }

    void alive() { tell("WATCHDOG=1"); }

    void ready() { tell("READY=1"); }

    /// A reload begins; ready() ends it.
    void reloading(Instant now);

    void stopping() { tell("STOPPING=1\nSTATUS=Ending: what was accepted is made durable."); }

    /// One sentence for people; the same again is not told.
    void set_status(const std::string& sentence);

private:
    void tell(std::string_view lines) const {
        if (socket_) socket_->send(lines);
    }

    std::optional<net::NotifySocket> socket_;
    std::vector<InheritedSocket> inherited_;
    std::optional<Duration> watchdog_;
    bool has_store_ = false;
    bool keeps_sockets_ = false;
    std::string status_;
};

} // namespace tegami::app
