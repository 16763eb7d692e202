// Listens on the wire between servers: which message was sent whole to which server, and what the answer was. The
// relay's own records are not asked, because they are what is being tested.
#pragma once

#include "net/network.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace tegami::simulation {

/// What happened to one message on its way to one machine.
struct Passage {
    std::uint32_t bodies = 0;   ///< sent with the end of the message
    std::uint32_t answered = 0; ///< of these: taken (2xx), as the sender has read it
    std::uint32_t refused = 0;  ///< of these: not taken (4xx, 5xx)

    /// The sender cannot know what became of these and sends again (RFC 5321 §4.2.5).
    std::uint32_t unanswered() const { return bodies - answered - refused; }
};

/// Of each message (its Message-ID) to each machine.
using Passages = std::map<std::pair<std::string, IpAddress>, Passage>;

/// The network of one machine, for outgoing connections; notes in `passages`. All of them outlive it.
class TappedNetwork final : public net::Network {
public:
    TappedNetwork(net::Network* network, Passages* passages) : network_(network), passages_(passages) {}

    async::Awaitable<net::IoResult<std::unique_ptr<net::Stream>>> connect(net::Endpoint remote,
                                                                          net::ConnectOptions options) override;
    Result<std::unique_ptr<net::Listener>, std::string> listen(net::Endpoint local, async::Executor executor) override;

private:
    net::Network* const network_;
    Passages* const passages_;
};

/// The identity of a message: what stands between < and > of its first Message-ID field; empty if there is none.
std::string message_id_of(std::string_view octets);

} // namespace tegami::simulation
