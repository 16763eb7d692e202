// What the client's side is told to do, and what it wants done.
#pragma once

#include "message/address.h"
#include "protocol/smtp/delivery_result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::smtp {

enum class TlsPolicy : std::uint8_t {
    none,          ///< do not use STARTTLS
    opportunistic, ///< use it when offered; what the driver verifies is its affair
    required,      ///< temporary failure when not offered or refused, whatever else is said before TLS
    active,        ///< the connection is TLS already (port 465)
};

struct ClientCredentials {
    std::string user;
    std::string password;
};

struct ClientOptions {
    /// What EHLO says.
    std::string host_name;
    TlsPolicy tls = TlsPolicy::opportunistic;
    /// Log in (PLAIN, else LOGIN) at a smarthost; only under TLS. A refusal is temporary: a wrong password is an
    /// operator's mistake, and mail waits until it is corrected.
    std::optional<ClientCredentials> credentials;
};

/// One message to pass on.
struct Outgoing {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
    std::vector<message::EmailAddress> recipients;
    /// Octets of the message, for SIZE (RFC 1870 §6.1); 0: not known.
    std::uint64_t size = 0;
    /// The message has octets with the high bit. When 8BITMIME is not offered the driver rewrites the message first
    /// (RFC 6152 §3): the session does not look into messages.
    bool eight_bit = false;
};

/// Write these octets.
struct ClientSend {
    std::string bytes;
};

/// Start TLS as client, then call tls_started() or tls_failed().
struct ClientStartTls {};

/// A message may be given to send(), or quit() called. Comes after Finished too, when the connection can be used again.
struct Ready {};

/// Give the message's octets to body(), then body_end().
struct WantBody {};

/// The results of the message given to send(), in the order of its recipients.
struct Finished {
    std::vector<DeliveryResult> results;
};

/// The connection cannot be used (greeting, EHLO, STARTTLS or AUTH failed, or it broke between messages): no
/// message was under way. ClientClose follows.
struct Unusable {
    DeliveryResult reason;
};

/// Close the connection after everything sent before.
struct ClientClose {};

using ClientAction = std::variant<ClientSend, ClientStartTls, Ready, WantBody, Finished, Unusable, ClientClose>;
using ClientActions = std::vector<ClientAction>;

} // namespace tegami::smtp
