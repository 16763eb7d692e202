// The machine's TCP and UNIX sockets.
#pragma once

#include "async/timer.h"
#include "base/descriptor.h"
#include "net/network.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tegami::net {

/// May be used from any thread.
class RealNetwork final : public Network {
public:
    /// `timers` outlives the network and its streams.
    explicit RealNetwork(async::Timers* timers) : timers_(timers) {}

    /// Takes the address for a later listen(), for which no root's rights are needed then: until that, connections are
    /// refused. Before other threads use the network.
    Result<void, std::string> bind(Endpoint local);
    /// Takes a socket that somebody else has bound, and perhaps listens on already, for a later listen(); `local` is its
    /// address (bound_to). Likewise before other threads use the network.
    void adopt(Endpoint local, Descriptor socket);
    /// The sockets that bind() and adopt() took and nobody listens on yet; they stay the network's.
    std::map<Endpoint, int> bound() const;

    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect(Endpoint remote, ConnectOptions options) override;
    Result<std::unique_ptr<Listener>, std::string> listen(Endpoint local, async::Executor executor) override;

    /// Listens on a UNIX socket. One that is left over from a process that is gone is replaced; one that somebody
    /// listens on is an error. The file gets `mode` and is removed on close.
    Result<std::unique_ptr<Listener>, std::string> listen_local(const std::string& path, unsigned mode,
                                                                async::Executor executor);
    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect_local(std::string path, Instant deadline);

private:
    /// What bind() took, else taken now.
    Result<Descriptor, std::string> take_bound(const Endpoint& local);

    async::Timers* const timers_;
    mutable std::mutex guard_;
    std::map<Endpoint, Descriptor> bound_;
};

/// The address of a TCP socket that has one and no other end; nothing if the open file is anything else.
std::optional<Endpoint> bound_to(int socket);

} // namespace tegami::net
