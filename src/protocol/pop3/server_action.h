// What the server's side of POP3 asks of its driver, and what it is told.
#pragma once

#include "base/uid.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::pop3 {

enum class TlsState : std::uint8_t { unavailable, available, active };

struct ServerLimits {
    /// Limit: RFC 2449 §4 says 255 octets.
    std::size_t command_line_bytes = 512;
    /// Limit: RFC 5034 §4.
    std::size_t auth_line_bytes = 12288;
    /// Octets of a line that is too long, then -ERR and the end of the connection.
    std::size_t skipped_line_bytes = 64 * 1024;
    /// Octets kept while an answer is outstanding; not less than the driver reads at once.
    std::size_t pending_bytes = 64 * 1024;
    /// Wrong commands of one connection, then it is closed.
    std::size_t errors = 20;
    /// Failed logins of one connection, then it is closed.
    std::size_t auth_failures = 3;
    /// Challenges of one AUTH exchange.
    std::size_t auth_steps = 8;
    /// Commands before login, then the connection is closed.
    std::size_t commands_before_login = 50;
    /// Limit: RFC 1939 §3 forbids less than ten minutes.
    std::chrono::seconds idle_time = std::chrono::minutes(10);
    /// From the first octet of a command to its end.
    std::chrono::seconds command_time = std::chrono::minutes(5);
};

struct ServerOptions {
    std::string host_name;
    /// For CAPA's IMPLEMENTATION, after login only.
    std::string implementation;
    TlsState tls = TlsState::unavailable;
    /// SASL names to announce in the present TLS state; none means no AUTH.
    std::vector<std::string> auth_mechanisms;
    /// USER, PASS and AUTH without TLS, for loopback only.
    bool auth_without_tls = false;
    ServerLimits limits;
};

/// One message as it was when the maildrop was opened.
struct MaildropEntry {
    /// Octets with CRLF line ends, without transparency dots.
    std::uint32_t size = 0;
    /// With the maildrop's UIDVALIDITY the unique id (RFC 1939 §7), never used again for another message.
    Uid uid;
};

struct Maildrop {
    UidValidity uid_validity;
    std::vector<MaildropEntry> messages;
};

/// Why a login or an opening was refused; decides the response code.
enum class Refusal : std::uint8_t {
    credentials,     ///< [AUTH]: unknown user or wrong password
    in_use,          ///< [IN-USE]: another session has the maildrop locked
    login_delay,     ///< [LOGIN-DELAY]
    temporary_fault, ///< [SYS/TEMP]
    permanent_fault, ///< [SYS/PERM]
    malformed,       ///< AUTH: broken exchange or unknown mechanism; no code
};

/// Write these octets: one or more replies.
struct Send {
    std::string bytes;
};

/// Start TLS as server, then call tls_started(); close the connection if the handshake fails.
struct StartTls {};

/// USER and PASS: verify, then call auth_succeeded() or auth_failed().
struct CheckPassword {
    std::string user;
    std::string password;
};

/// Start a SASL exchange; call auth_challenge(), auth_succeeded() or auth_failed().
struct AuthBegin {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

/// The client's response, decoded; call one of the same three.
struct AuthContinue {
    std::string response;
};

/// The client gave up ("*"); forget the exchange. Already answered.
struct AuthCancel {};

/// Lock and list the maildrop of this identity; call maildrop_opened().
struct OpenMaildrop {
    std::string identity;
};

/// LIST or UIDL of all messages: call continue_listing() after everything sent before, when others had their turn.
struct ContinueListing {};

/// RETR or TOP. Open the message; call message_unavailable(), or message_opened(), then write it through a
/// MessageWriter made with top_lines, then call message_sent().
struct SendMessage {
    std::uint32_t number; ///< counted from 1, as in the list given to maildrop_opened()
    std::optional<std::uint32_t> top_lines;
};

/// QUIT: delete these for good, then call deletions_committed().
struct CommitDeletions {
    std::vector<std::uint32_t> numbers;
};

/// Close the connection after everything sent before; unlock the maildrop if it was opened.
struct Close {};

using ServerAction = std::variant<Send, StartTls, CheckPassword, AuthBegin, AuthContinue, AuthCancel, OpenMaildrop,
                                  ContinueListing, SendMessage, CommitDeletions, Close>;
using ServerActions = std::vector<ServerAction>;

} // namespace tegami::pop3
