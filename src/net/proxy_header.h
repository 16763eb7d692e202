// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): before the first octet of a connection, a proxy says
// for whom it has made it.
//
// 1. Nothing behind the header is read: what follows may be TLS.
// 2. The header is expected or it is not, never guessed. Whose word counts is the caller's business.
#pragma once

#include "net/stream.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

/// Limit: octets of a header; one of version 2 may have extensions, which nobody reads.
inline constexpr std::size_t kProxyHeaderBytesMax = 4096;

/// Takes a header octet by octet. It never asks for octets behind it.
class ProxyHeaderReader {
public:
    /// How many octets may be read next; 0: the header is complete.
    std::size_t wanted() const { return wanted_; }

    /// Takes octets, at most as many as are wanted; false: this is no such header.
    bool take(std::string_view octets);

    /// The client; nothing: the proxy speaks for itself, or does not know. Once it is complete.
    const std::optional<Endpoint>& client() const { return client_; }

private:
    bool take_text();
    bool take_binary();

    std::string octets_;
    std::size_t wanted_ = 12; ///< the signature of version 2; one of version 1 has more in any case
    std::optional<Endpoint> client_;
};

/// Reads the header; remote_endpoint() of the stream is the client then. Errors: of the stream; `failed` if there is no
/// header. The stream outlives the call.
async::Awaitable<IoResult<>> take_proxy_header(Stream* stream);

} // namespace tegami::net
