// A mail program for the simulation: submits by SMTP and fetches
// by POP3, one command at a time, and knows what it was promised.
#pragma once

#include "net/network.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::simulation {

/// Lines out, replies in.
class Dialogue {
public:
    explicit Dialogue(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

    /// Nothing once the connection is gone.
    async::Awaitable<std::optional<std::string>> read_line();
    /// The last line of an SMTP reply; nothing once the connection is gone.
    async::Awaitable<std::optional<std::string>> read_reply();
    /// Sends a line and awaits the reply.
    async::Awaitable<std::optional<std::string>> command(std::string line);
    /// Sends octets as they are; false once the connection is gone.
    async::Awaitable<bool> send(std::string octets);

    /// The lines of a message up to ".", without the dots that were added; nothing once the connection is gone.
    async::Awaitable<std::optional<std::string>> read_message();

    /// A read or a write has failed.
    bool is_broken() const { return broken_; }

    net::Stream& stream() { return *stream_; }

private:
    std::unique_ptr<net::Stream> stream_;
    std::string buffer_;
    std::size_t taken_ = 0; ///< of the buffer
    bool broken_ = false;
};

struct Submission {
    net::Endpoint server;
    std::string user;
    std::string password;
    std::string from;
    std::vector<std::string> to;
    std::string message; ///< CRLF line ends, no line that begins with a dot
};

enum class Promise : std::uint8_t {
    accepted, ///< 250 to the end of the message: the server answers for it
    refused,  ///< a 4xx or 5xx reply; or the connection broke before the end was sent
    unknown,  ///< the connection broke between the end and its answer
};

struct SubmissionResult {
    Promise promise = Promise::refused;
    std::string last_reply;
};

/// Submits; a server that is silent for ten minutes counts as gone.
async::Awaitable<SubmissionResult> submit(net::Network* network, const Clock* clock, Submission submission);

/// The messages of the maildrop, by POP3; `remove` deletes them. Nothing if the session failed.
async::Awaitable<std::optional<std::vector<std::string>>> fetch(net::Network* network, const Clock* clock,
                                                                net::Endpoint server, std::string user,
                                                                std::string password, bool remove);

} // namespace tegami::simulation
