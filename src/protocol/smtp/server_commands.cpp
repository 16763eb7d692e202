// What each command does. Reading is in server_reading.cpp, the driver's answers are in server_session.cpp.
#include "protocol/smtp/server_dialogue.h"

#include <algorithm>

namespace tegami::smtp {

namespace {

bool auth_possible(const ServerDialogue& dialogue) {
    return !dialogue.options.auth_mechanisms.empty() && (dialogue.tls_active() || dialogue.options.auth_without_tls);
}

/// RFC 5321 §4.1.1.1. RFC 2034 §4: no enhanced status here.
Reply hello_reply(const ServerDialogue& dialogue) {
    const ServerOptions& options = dialogue.options;
    std::string text = options.host_name;
    if (dialogue.extended) {
        text += "\nPIPELINING\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nSIZE ";
        text += std::to_string(options.limits.message_bytes);
        if (options.tls == TlsState::available) text += "\nSTARTTLS";
        if (auth_possible(dialogue)) {
            text += "\nAUTH";
            for (const std::string& mechanism : options.auth_mechanisms)
                text += ' ' + mechanism;
        }
    }
    return make_reply(250, "", text);
}

/// Why MAIL cannot begin a message now.
std::optional<Reply> obstacle_to_mail(const ServerDialogue& dialogue) {
    const ServerOptions& options = dialogue.options;
    if (dialogue.helo_name.empty()) return make_reply(503, "5.5.1", "Say EHLO first");
    if (options.role != ServerRole::submission || dialogue.authenticated) return std::nullopt;
    return make_reply(530, "5.7.0",
                      dialogue.tls_active() || options.auth_without_tls ? "Log in first (AUTH)"
                                                                        : "Say STARTTLS first, then log in (AUTH)");
}

/// Why nobody can log in now, or not this way. RFC 4954 §4: once, not in a transaction, and only after EHLO.
std::optional<Reply> obstacle_to_auth(const ServerDialogue& dialogue, const std::string& mechanism) {
    const ServerOptions& options = dialogue.options;
    if (!dialogue.extended) return make_reply(503, "5.5.1", "Say EHLO first");
    if (dialogue.authenticated) return make_reply(503, "5.5.1", "Already logged in");
    if (dialogue.transaction.begun) return make_reply(503, "5.5.1", "A message is under way");
    if (options.auth_mechanisms.empty())
        return make_reply(502, "5.5.1",
                          options.role == ServerRole::mx
                              ? "Nobody logs in where servers bring mail: mail programs use port 465 or 587"
                              : "AUTH is not offered here");
    if (!auth_possible(dialogue)) return make_reply(530, "5.7.0", "Say STARTTLS first");
    if (std::ranges::find(options.auth_mechanisms, mechanism) == options.auth_mechanisms.end())
        return make_reply(504, "5.5.4", "This mechanism is not offered");
    return std::nullopt;
}

} // namespace

std::string Transaction::with_reason(std::string_view text) const {
    return std::string(text) + (refused ? "; the answer before was: " + one_line(*refused) : "");
}

void handle(ServerDialogue& dialogue, const HelloCommand& command) {
    // RFC 5321 §4.1.4: EHLO is also a RSET.
    dialogue.transaction = {};
    dialogue.extended = command.extended;
    dialogue.helo_name = command.name;
    dialogue.replies.reply(hello_reply(dialogue));
}

void handle(ServerDialogue& dialogue, const MailCommand& command) {
    const ServerLimits& limits = dialogue.options.limits;
    Transaction& transaction = dialogue.transaction;
    if (transaction.begun) return dialogue.replies.refuse(503, "5.5.1", "A message is under way; RSET ends it");
    if (const auto obstacle = obstacle_to_mail(dialogue)) {
        transaction.refused = *obstacle;
        return dialogue.replies.refuse(*obstacle);
    }
    if (dialogue.transactions >= limits.transactions)
        return dialogue.replies.close_with(421, "4.7.0", "Enough messages for one connection");
    if (command.size && *command.size > limits.message_bytes) {
        transaction.refused = make_reply(552, "5.3.4", "The message is too big");
        return dialogue.replies.reply(*transaction.refused);
    }
    transaction.envelope = Envelope{.reverse_path = command.reverse_path,
                                    .recipients = {},
                                    .body = command.body,
                                    .smtputf8 = command.smtputf8,
                                    .declared_size = command.size,
                                    .auth_parameter = command.auth};
    dialogue.state = ServerState::awaiting_sender;
    dialogue.replies.act(CheckSender{command.reverse_path});
}

void handle(ServerDialogue& dialogue, const RcptCommand& command) {
    const ServerOptions& options = dialogue.options;
    Transaction& transaction = dialogue.transaction;
    if (!transaction.begun) return dialogue.replies.refuse(503, "5.5.1", transaction.with_reason("Say MAIL first"));
    // RFC 5321 §4.5.3.1.10
    if (transaction.envelope.recipients.size() >= options.limits.recipients)
        return dialogue.replies.reply(452, "4.5.3", "Too many recipients for one message");
    if (!command.address && !options.postmaster_domain) {
        transaction.refused = make_reply(550, "5.1.1", "There is no postmaster without a domain here");
        return dialogue.replies.reply(*transaction.refused);
    }
    transaction.under_check = EnvelopeRecipient{
        command.address ? *command.address
                        : message::EmailAddress{.local_part = "postmaster", .domain = *options.postmaster_domain}};
    dialogue.state = ServerState::awaiting_recipient;
    dialogue.replies.act(CheckRecipient{*transaction.under_check});
}

void handle(ServerDialogue& dialogue, const DataCommand&) {
    const Transaction& transaction = dialogue.transaction;
    if (!transaction.begun) return dialogue.replies.refuse(503, "5.5.1", transaction.with_reason("Say MAIL first"));
    // RFC 5321 §3.3
    if (transaction.envelope.recipients.empty())
        return dialogue.replies.refuse(554, "5.5.1", transaction.with_reason("No valid recipients"));
    dialogue.state = ServerState::awaiting_message_begin;
    dialogue.replies.act(BeginMessage{});
}

void handle(ServerDialogue& dialogue, const AuthCommand& command) {
    if (const auto obstacle = obstacle_to_auth(dialogue, command.mechanism)) return dialogue.replies.refuse(*obstacle);
    dialogue.auth_steps = 0;
    dialogue.state = ServerState::awaiting_auth;
    dialogue.replies.act(AuthBegin{.mechanism = command.mechanism, .initial_response = command.initial_response});
}

void handle(ServerDialogue& dialogue, const ResetCommand&) {
    dialogue.transaction = {};
    dialogue.replies.reply(250, "2.0.0", "Forgotten");
}

void handle(ServerDialogue& dialogue, const NoopCommand&) {
    dialogue.replies.reply(250, "2.0.0", "OK");
}

/// RFC 5321 §7.3: who exists is shown to nobody.
void handle(ServerDialogue& dialogue, const VerifyCommand&) {
    dialogue.replies.reply(252, "2.5.0", "Cannot say; send the message and see");
}

void handle(ServerDialogue& dialogue, const ExpandCommand&) {
    dialogue.replies.reply(502, "5.5.1", "Lists are not shown");
}

void handle(ServerDialogue& dialogue, const HelpCommand&) {
    dialogue.replies.reply(214, "2.0.0", "This is Tegami; RFC 5321 says what it understands");
}

void handle(ServerDialogue& dialogue, const StartTlsCommand&) {
    if (dialogue.options.tls == TlsState::unavailable)
        return dialogue.replies.refuse(502, "5.5.1", "TLS is not offered here");
    if (dialogue.tls_active()) return dialogue.replies.refuse(503, "5.5.1", "TLS is active already");
    if (!dialogue.input.waiting().empty()) {
        dialogue.input.take(dialogue.input.waiting().size());
        return dialogue.replies.close_with(554, "5.5.1", "Nothing may follow STARTTLS before TLS");
    }
    dialogue.state = ServerState::awaiting_tls;
    dialogue.replies.reply(220, "2.0.0", "Begin TLS");
    dialogue.replies.act(StartTls{});
}

void handle(ServerDialogue& dialogue, const QuitCommand&) {
    dialogue.replies.close_with(221, "2.0.0", dialogue.options.host_name + " closes the connection");
}

} // namespace tegami::smtp
