// SMTP command lines into values (RFC 5321 §4.1.1 and the extensions we offer). A line comes in without its CRLF.
// What a command means in the session's state is decided in server_session.h.
#pragma once

#include "base/result.h"
#include "protocol/smtp/envelope.h"
#include "protocol/smtp/reply.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::smtp {

/// Limit: parameters after a path; we know five.
inline constexpr std::size_t kParametersMax = 16;

struct HelloCommand {
    bool extended = false; ///< EHLO
    /// What the client calls itself, as it said it: any text, UTF-8 without controls, not a domain to rely on.
    std::string name;
};

struct MailCommand {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
    std::optional<BodyType> body;
    bool smtputf8 = false;
    std::optional<std::uint64_t> size;
    std::optional<std::string> auth;
};

struct RcptCommand {
    /// Nothing for "<Postmaster>" without a domain (RFC 5321 §4.5.1).
    std::optional<message::EmailAddress> address;
};

struct AuthCommand {
    std::string mechanism; ///< upper case
    /// Decoded; present but empty for "=" (RFC 4954 §4).
    std::optional<std::string> initial_response;
};

struct DataCommand {};

struct ResetCommand {};

struct NoopCommand {};

struct VerifyCommand {};

struct ExpandCommand {};

struct HelpCommand {};

struct StartTlsCommand {};

struct QuitCommand {};

using Command = std::variant<HelloCommand, MailCommand, RcptCommand, AuthCommand, DataCommand, ResetCommand,
                             NoopCommand, VerifyCommand, ExpandCommand, HelpCommand, StartTlsCommand, QuitCommand>;

/// What the session's state allows in parameters.
struct ParseContext {
    /// The client said EHLO: without it there are no parameters (RFC 5321 §4.1.1.1).
    bool extended = false;
    /// The transaction has SMTPUTF8.
    bool smtputf8 = false;
};

/// The command, or the reply that says what is wrong with it.
Result<Command, Reply> parse_command(std::string_view line, const ParseContext& context);

/// True if these are not mistakes but another protocol on the wrong port: an HTTP request (cross-protocol attacks by
/// browsers) or a TLS ClientHello.
bool is_foreign_protocol(std::string_view beginning);

} // namespace tegami::smtp
