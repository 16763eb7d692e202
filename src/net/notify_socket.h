// A datagram socket to whoever manages this process as a service: the protocol of sd_notify(3). Each datagram is lines
// NAME=VALUE; open files may go with it.
//
// It is connected once, before the process gives up its rights: where the manager's socket lies is nothing that the
// server has to reach later.
#pragma once

#include "base/descriptor.h"

#include <optional>
#include <span>
#include <string_view>

namespace tegami::net {

/// May be used from any thread.
class NotifySocket {
public:
    /// `address` as in NOTIFY_SOCKET: the path of a UNIX socket, or a name without one behind an `@`. Nothing if nobody
    /// is there.
    static std::optional<NotifySocket> connect(std::string_view address);

    /// Whether the manager has got it. Limit: one that takes nothing holds the caller for a tenth of a second.
    bool send(std::string_view lines, std::span<const int> open_files = {}) const;

private:
    explicit NotifySocket(Descriptor socket) : socket_(std::move(socket)) {}

    Descriptor socket_;
};

} // namespace tegami::net
