// The two directions of a connection as commands see them: answers gathered into bounded batches, and commands read
// as they come. What ends the transport ends the session, at one place: both throw TransportEnded.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "net/stream.h"
#include "protocol/imap/command_reader.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tegami::imapd {

/// The connection is gone, or has to go; caught by serve_imap alone.
struct TransportEnded {
    net::IoError reason;
};

/// Limit: answer octets gathered before they are sent; memory of one busy connection.
inline constexpr std::size_t kBatchBytes = 64 * 1024;

/// Gathers answers and sends them in batches. With a client that does not read, flush() waits: that is the
/// back-pressure of every long answer.
class Output {
public:
    Output(net::Stream* stream, async::Timers* timers, Duration write_timeout)
        : stream_(stream), timers_(timers), write_timeout_(write_timeout) {}

    /// What is not sent yet; append to it.
    std::string& text() { return text_; }

    bool full() const { return text_.size() >= kBatchBytes; }

    /// Sends everything.
    async::Awaitable<> flush();
    /// Sends everything if a batch is full.
    async::Awaitable<> flush_if_full();

    /// How often something was sent: tells whether text() can still be taken back.
    std::uint64_t flushes() const { return flushes_; }

    std::uint64_t bytes_sent() const { return bytes_sent_; }

private:
    net::Stream* stream_;
    async::Timers* timers_;
    Duration write_timeout_;
    std::string text_;
    std::uint64_t flushes_ = 0;
    std::uint64_t bytes_sent_ = 0;
};

/// Reads commands. Sends what waits in the output before it waits itself.
class Input {
public:
    Input(net::Stream* stream, async::Timers* timers, Output* output, imap::ReaderLimits limits)
        : stream_(stream), timers_(timers), output_(output), reader_(limits) {}

    imap::CommandReader& reader() { return reader_; }

    /// How long the client may be silent before a command, and how long it may take for one; for each line of an
    /// exchange and each piece of a message as well.
    void set_patience(Duration patience) { patience_ = patience; }

    /// The clock of the client's silence starts again.
    void restart_patience() { since_ = timers_->instant(); }

    /// The next event. Answers the reader's wish for a continuation itself.
    async::Awaitable<imap::ReaderEvent> next();

    /// The next event if it can be had without waiting for octets. Leaves continuations to next().
    std::optional<imap::ReaderEvent> ready();

    /// Returns when the client has said something, the connection has ended or patience has; holds no buffer.
    async::Awaitable<> wait();
    /// Reads what the client has said.
    async::Awaitable<> read();

    /// Ends the session, as if the client's time were over, once it waits for its client. On its thread.
    void end_soon();

    /// True while the client has the word: every answer before is whole and sent.
    bool waiting() const { return waiting_; }

private:
    net::Stream* stream_;
    async::Timers* timers_;
    Output* output_;
    imap::CommandReader reader_;
    Duration patience_{};
    Instant since_{};
    bool between_ = true; ///< nothing of the next event has come
    bool waiting_ = false;
    bool filled_ = false;  ///< the last read
    bool reading_ = false; ///< a wait for the client's octets is under way
    bool ends_ = false;
    unsigned in_a_row_ = 0; ///< events since the last wait for the client
};

} // namespace tegami::imapd
