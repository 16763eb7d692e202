// What a stream stands on: octets that are tried for without waiting, and waiting without a buffer. Real sockets and
// simulated ones differ only here; TLS, deadlines and cancellation are written once, in TransportStream.
#pragma once

#include "net/stream.h"

namespace tegami::net {

/// Nothing means: it would have to wait.
using Attempt = std::optional<IoResult<std::size_t>>;

class Transport {
public:
    virtual ~Transport() = default;

    /// At least one octet, `end_of_stream`, another error, or nothing yet.
    virtual Attempt try_read(char* into, std::size_t bytes_max) = 0;
    /// How many of the octets were taken: at least one, an error, or nothing now.
    virtual Attempt try_write(const char* data, std::size_t bytes) = 0;
    /// Returns when an attempt is worth while, after wake(), and sometimes for no reason.
    virtual async::Awaitable<> wait_readable() = 0;
    virtual async::Awaitable<> wait_writable() = 0;
    /// Ends the waits.
    virtual void wake() = 0;
    /// The other side reads the end after what was written.
    virtual void end_output() = 0;
    /// Also ends the waits.
    virtual void close() = 0;

    virtual Endpoint local_endpoint() const = 0;
    virtual Endpoint remote_endpoint() const = 0;
    virtual async::Executor executor() const = 0;
    /// The reason of the last error, in words.
    virtual std::string error_text() const = 0;
};

} // namespace tegami::net
