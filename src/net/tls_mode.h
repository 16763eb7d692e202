// How a listener's connections come to be encrypted.
#pragma once

#include <cstdint>

namespace tegami::net {

enum class TlsMode : std::uint8_t {
    none,     ///< never; loopback only for services with a login
    starttls, ///< begins in the clear, the client may switch
    implicit, ///< from the first octet
};

} // namespace tegami::net
