// What the server's side of SMTP asks of its driver, and what it is told when it begins.
#pragma once

#include "protocol/smtp/envelope.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::smtp {

enum class ServerRole : std::uint8_t {
    mx,         ///< port 25: mail from strangers for our users
    submission, ///< ports 587 and 465: AUTH before MAIL (RFC 6409 §4.3)
};

enum class TlsState : std::uint8_t { unavailable, available, active };

struct ServerLimits {
    /// Limit: RFC 5321 §4.5.3.1.4 says 512 plus what extensions add (SIZE 26, AUTH 500, SMTPUTF8 10, BODY 17).
    std::size_t command_line_bytes = 2048;
    /// Limit: RFC 4954 §4.
    std::size_t auth_line_bytes = 12288;
    /// Octets of a line that is too long, then 500 and the end of the connection.
    std::size_t skipped_line_bytes = 64 * 1024;
    /// Octets kept while an answer is outstanding; not less than the driver reads at once.
    std::size_t pending_bytes = 64 * 1024;
    /// Announced as SIZE (RFC 1870 §4); octets of one message.
    std::uint64_t message_bytes = 50ull * 1024 * 1024;
    /// How far a refused message is read towards its end before the connection is closed instead.
    std::uint64_t refused_bytes = 64ull * 1024 * 1024;
    /// RFC 5321 §4.5.3.1.8 asks for at least 100.
    std::size_t recipients = 1000;
    /// Refused recipients of one connection, then 421: address harvesting.
    std::size_t refused_recipients = 100;
    /// Commands that were wrong, then 421.
    std::size_t errors = 20;
    /// Bare LF as line end of a command, then 421.
    std::size_t bare_line_ends = 3;
    /// Commands since the last one that got anywhere (NOOP, RSET, VRFY, HELP, EHLO …), then 421.
    std::size_t idle_commands = 100;
    /// Messages of one connection, then 421.
    std::size_t transactions = 1000;
    /// Failed AUTH exchanges, then 421.
    std::size_t auth_failures = 3;
    /// Challenges of one AUTH exchange.
    std::size_t auth_steps = 8;
    /// Limit: RFC 5321 §4.5.3.2.7.
    std::chrono::seconds idle_time = std::chrono::minutes(5);
    /// How fast a message must come on the whole, beyond the first idle_time: octets a second.
    std::uint64_t message_rate = 500;
};

struct ServerOptions {
    ServerRole role = ServerRole::mx;
    /// In the greeting and the EHLO reply.
    std::string host_name;
    /// The domain of "<Postmaster>" without one (RFC 5321 §4.5.1).
    std::optional<message::Domain> postmaster_domain;
    TlsState tls = TlsState::unavailable;
    /// Names to announce in the present TLS state, strongest first; none means no AUTH.
    std::vector<std::string> auth_mechanisms;
    /// AUTH without TLS, for loopback only.
    bool auth_without_tls = false;
    ServerLimits limits;
};

/// Write these octets: one or more replies.
struct Send {
    std::string bytes;
};

/// Start TLS as server on this connection, then call tls_started(); close it if the handshake fails.
struct StartTls {};

/// Start a SASL exchange and call auth_challenge(), auth_succeeded() or auth_failed().
struct AuthBegin {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

/// The client's response to the last challenge, decoded; call one of the same three.
struct AuthContinue {
    std::string response;
};

/// The client gave up ("*"); forget the exchange. Already answered.
struct AuthCancel {};

/// May this sender begin? See envelope(); call sender_checked().
struct CheckSender {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
};

/// Do we take mail for this one? Call recipient_checked().
struct CheckRecipient {
    EnvelopeRecipient recipient;
};

/// The client wants to send the message for envelope(); call message_begun().
struct BeginMessage {};

/// The next octets of the message: exact, without transparency dots. No answer.
struct MessageBytes {
    std::string bytes;
};

/// The message is complete; call message_done() when it is durable or refused.
struct EndOfMessage {};

/// Drop the message begun: it is faulty or too big and the session refuses it. No answer.
struct AbandonMessage {};

/// Close the connection after everything sent before.
struct Close {};

using ServerAction = std::variant<Send, StartTls, AuthBegin, AuthContinue, AuthCancel, CheckSender, CheckRecipient,
                                  BeginMessage, MessageBytes, EndOfMessage, AbandonMessage, Close>;
using ServerActions = std::vector<ServerAction>;

} // namespace tegami::smtp
