// Where streams come from. Two worlds: the machine's sockets (real_network.h)
// and a network in memory on virtual time (simulated_network.h).
#pragma once

#include "net/stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tegami::net {

class Listener {
public:
    virtual ~Listener() = default; ///< closes

    /// The next connection, which lives on `executor` (the context that will serve it; any one, also another
    /// thread's). Errors are of the accepting, not of a connection: `cancelled` after close(); after `exhausted` or
    /// another one wait a moment and go on.
    virtual async::Awaitable<IoResult<std::unique_ptr<Stream>>> accept(async::Executor executor) = 0;
    virtual Endpoint local_endpoint() const = 0;
    virtual void close() = 0;
};

struct ConnectOptions {
    Instant deadline = Instant::max();
};

class Network {
public:
    virtual ~Network() = default;

    /// A connection that lives on the caller's executor.
    virtual async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect(Endpoint remote, ConnectOptions options) = 0;
    /// Listens at once; `executor` is the one that will call accept(). Port 0 takes a free one. The error is for the
    /// operator: "cannot listen on 127.0.0.1:25: permission denied".
    virtual Result<std::unique_ptr<Listener>, std::string> listen(Endpoint local, async::Executor executor) = 0;
};

} // namespace tegami::net
