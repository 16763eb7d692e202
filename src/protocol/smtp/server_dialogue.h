// What a client has said to the server's side until now, and what each command does to it. Inside this room:
// server_session.h is the face.
#pragma once

#include "protocol/lines/line_buffer.h"
#include "protocol/smtp/command_parser.h"
#include "protocol/smtp/message_reader.h"
#include "protocol/smtp/server_replies.h"

namespace tegami::smtp {

enum class ServerState : std::uint8_t {
    fresh,         ///< nothing has been said
    command,       ///< reading command lines
    auth_response, ///< reading one line of an AUTH exchange
    data,          ///< reading a message
    awaiting_tls,  ///< the rest wait for the driver
    awaiting_auth,
    awaiting_sender,
    awaiting_recipient,
    awaiting_message_begin,
    awaiting_message_end,
};

/// What MAIL and RCPT have said.
struct Transaction {
    bool begun = false; ///< MAIL was accepted
    Envelope envelope;
    std::optional<EnvelopeRecipient> under_check; ///< while an answer about it is outstanding
    std::optional<Reply> refused; ///< MAIL, RCPT or DATA last, if that is why what follows makes no sense

    /// `text`, and what was refused before: programs show people the last answer only.
    std::string with_reason(std::string_view text) const;
};

struct ServerDialogue {
    explicit ServerDialogue(ServerOptions with)
        : options(std::move(with)), replies(options.limits.errors), input(options.limits.skipped_line_bytes) {}

    ServerOptions options;
    ServerReplies replies;
    lines::LineBuffer input;
    ServerState state = ServerState::fresh;
    std::uint64_t ended = 0; ///< lines and messages that have come to their end

    bool extended = false; ///< EHLO, not HELO
    std::string helo_name;
    bool authenticated = false;
    Transaction transaction;
    MessageReader message;

    std::size_t bare_line_ends = 0;
    std::size_t idle_commands = 0; ///< since the last one that got anywhere
    std::size_t transactions = 0;
    std::size_t refused_recipients = 0;
    std::size_t auth_failures = 0;
    std::size_t auth_steps = 0; ///< of the exchange under way

    bool awaiting() const { return state >= ServerState::awaiting_tls; }

    bool tls_active() const { return options.tls == TlsState::active; }
};

/// Reads and obeys what waits, until the driver has to answer or nothing whole is left.
void read_on(ServerDialogue& dialogue);

/// Ends the AUTH exchange under way from our side or the client's.
void cancel_auth(ServerDialogue& dialogue, const Reply& refusal);

void handle(ServerDialogue& dialogue, const HelloCommand& command);
void handle(ServerDialogue& dialogue, const MailCommand& command);
void handle(ServerDialogue& dialogue, const RcptCommand& command);
void handle(ServerDialogue& dialogue, const AuthCommand& command);
void handle(ServerDialogue& dialogue, const DataCommand& command);
void handle(ServerDialogue& dialogue, const ResetCommand& command);
void handle(ServerDialogue& dialogue, const NoopCommand& command);
void handle(ServerDialogue& dialogue, const VerifyCommand& command);
void handle(ServerDialogue& dialogue, const ExpandCommand& command);
void handle(ServerDialogue& dialogue, const HelpCommand& command);
void handle(ServerDialogue& dialogue, const StartTlsCommand& command);
void handle(ServerDialogue& dialogue, const QuitCommand& command);

} // namespace tegami::smtp
