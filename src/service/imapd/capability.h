// The capability list, which depends on what the session may do next (RFC 9051 §6.1.1, §7.2.2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tegami::imapd {

/// What decides about the list before login.
struct LoginOffer {
    bool starttls = false;               ///< STARTTLS would work now
    bool password = false;               ///< LOGIN would be looked at: TLS is on, or plain text is allowed here
    std::vector<std::string> mechanisms; ///< for AUTHENTICATE, strongest first
};

/// The capabilities of a session that has not logged in.
std::string capabilities_before_login(const LoginOffer& offer);

/// The capabilities of a session that has.
std::string capabilities_after_login(std::uint64_t append_bytes_max);

} // namespace tegami::imapd
