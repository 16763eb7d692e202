// WebSocket (RFC 6455) on the server's side: the handshake, and messages of text in both directions.
//
// 1. A connection that says nothing is asked whether it is still there, and ends if it is not. While it waits it holds no
//    buffer.
// 2. One coroutine reads; any number may send at the same time: each message goes out whole, one after the other.
// 3. A client that takes what is sent too slowly loses the connection.
#pragma once

#include "async/mutex.h"
#include "async/timer.h"
#include "net/http.h"
#include "net/stream.h"
#include "protocol/websocket/frames.h"

#include <string>
#include <string_view>

namespace tegami::net {

/// The answer to a handshake whose client speaks this subprotocol: 101, to which the caller adds the upgrade; or what says
/// why there is none (RFC 6455 §4.2.2).
HttpResponse answer_web_socket(const HttpRequest& request, std::string_view subprotocol);

class WebSocket {
public:
    /// Both outlive it. `octets`: what the client sent behind its request.
    WebSocket(Stream* stream, async::Timers* timers, std::string octets);

    /// The next piece of a message. Errors: of the stream; `cancelled` once the client has closed the connection, or had to
    /// be told to.
    async::Awaitable<IoResult<websocket::TextPiece>> read();

    /// Sends a message. Errors: of the stream; `cancelled` after close().
    async::Awaitable<IoResult<>> send(std::string message);

    /// Says why the connection ends; nothing is sent afterwards.
    async::Awaitable<> close(websocket::CloseCode code, std::string reason);

private:
    using Taken = Result<std::optional<websocket::Event>, websocket::Fault>;

    Taken take();
    async::Awaitable<IoResult<>> read_more();
    async::Awaitable<IoResult<>> write(std::string frame);
    void set_deadline();

    Stream* const stream_;
    async::Timers* const timers_;
    std::string octets_;    ///< read, and not yet taken
    std::size_t taken_ = 0; ///< of them
    websocket::FrameReader reader_;
    async::Mutex writes_;
    bool writing_ = false;
    bool closed_ = false;
    bool asked_ = false; ///< whether the client is still there, and it has not said anything since
    Instant read_until_ = Instant::max();
    Instant write_until_ = Instant::max();
};

} // namespace tegami::net
