// What became of a message at another server, for one recipient: its words and ours.
#pragma once

#include "protocol/smtp/reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::smtp {

/// Where in the dialogue it happened.
enum class Stage : std::uint8_t {
    connect, ///< before the greeting: never said by the session, for the driver's own results
    greeting,
    hello,
    tls,
    auth,
    mail,
    rcpt,
    data, ///< the DATA command
    body, ///< the message and the answer to its end
    quit,
};

/// "RCPT TO" and so on, for plain-language reports.
std::string_view to_string(Stage stage);

enum class Outcome : std::uint8_t { delivered, temporary, permanent };

struct DeliveryResult {
    Outcome outcome = Outcome::temporary;
    Stage stage = Stage::connect;
    /// What the remote said; nothing if it said nothing (disconnect, time-out, our own decision).
    std::optional<Reply> reply;
    /// What we say about it, in plain words behind the server's name: "did not answer in time".
    std::string text;
    /// The status for a DSN (RFC 3464 §2.3.4): the remote's, or ours.
    EnhancedStatus status;
    /// The end of the message was sent but never answered: it may have been accepted.
    bool uncertain = false;
    /// This server speaks of itself: another one of the domain may take the message (RFC 5321 §5.1). Otherwise it
    /// speaks for the domain, about the message, its sender or a recipient.
    bool of_server = false;
};

/// What the server's answer at this stage comes to.
DeliveryResult said(Stage stage, const Reply& reply);

/// What we say of the server ourselves: permanent if the status is (RFC 3463 §2), and `of_server`.
DeliveryResult own_word(Stage stage, EnhancedStatus status, std::string_view text);

} // namespace tegami::smtp
