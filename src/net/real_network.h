// The machine's TCP and UNIX sockets.
#pragma once

#include "async/timer.h"
#include "net/network.h"

namespace tegami::net {

/// May be used from any thread.
class RealNetwork final : public Network {
public:
    /// `timers` outlives the network and its streams.
    explicit RealNetwork(async::Timers* timers) : timers_(timers) {}

    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect(Endpoint remote, ConnectOptions options) override;
    Result<std::unique_ptr<Listener>, std::string> listen(Endpoint local, async::Executor executor) override;

    /// Listens on a UNIX socket. One that is left over from a process that is gone is replaced; one that somebody
    /// listens on is an error. The file gets `mode` and is removed on close.
    Result<std::unique_ptr<Listener>, std::string> listen_local(const std::string& path, unsigned mode,
                                                                async::Executor executor);
    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect_local(std::string path, Instant deadline);

private:
    async::Timers* const timers_;
};

} // namespace tegami::net
