// What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).
#pragma once

#include "protocol/smtp/reply.h"

#include <cstdint>

namespace tegami::smtp {

/// What EHLO offered.
struct Capabilities {
    bool starttls = false;
    bool pipelining = false;
    bool eight_bit_mime = false;
    bool smtputf8 = false;
    bool size = false;
    /// 0: no fixed limit.
    std::uint64_t size_max = 0;
    bool auth_plain = false;
    bool auth_login = false;
};

/// Of a positive answer to EHLO. Keywords that we do not know mean nothing.
Capabilities read_capabilities(const Reply& reply);

} // namespace tegami::smtp
