// Who hands us a message: what reception decides by, and what the trace fields and journeys say.
#pragma once

#include "directory/credentials.h"
#include "net/address.h"

#include <optional>
#include <string>

namespace tegami::reception {

enum class Role : std::uint8_t {
    mx,         ///< port 25: anybody, for our users
    submission, ///< our users, for anybody (RFC 6409)
};

struct Client {
    Role role = Role::mx;
    net::Endpoint endpoint;
    std::string helo_name;
    /// Who logged in.
    std::optional<directory::Identity> identity;
    /// Of a network that may relay without logging in.
    bool trusted = false;
    /// Such as "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty in the clear.
    std::string tls;
    /// For "with" in Received (RFC 3848).
    std::string transmission_type;
};

} // namespace tegami::reception
