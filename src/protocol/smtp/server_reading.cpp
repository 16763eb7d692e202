// Reading lines and messages; what each command does is in server_commands.cpp.
#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/smtp/server_dialogue.h"

namespace tegami::smtp {

namespace {

void line_too_long(ServerDialogue& dialogue) {
    if (dialogue.state == ServerState::auth_response)
        cancel_auth(dialogue, make_reply(500, "5.5.6", "Line too long"));
    else
        dialogue.replies.refuse(500, "5.5.2", "Line too long");
}

/// RFC 5321 §2.3.8: only CRLF ends a line. Taking LF too would make us and a strict server before us disagree about
/// what is a command.
void bare_line_feed(ServerDialogue& dialogue) {
    constexpr std::string_view kWords = "Lines must end in CR LF";
    if (++dialogue.bare_line_ends >= dialogue.options.limits.bare_line_ends)
        dialogue.replies.close_with(421, "4.7.0", kWords);
    else if (dialogue.state == ServerState::auth_response)
        cancel_auth(dialogue, make_reply(500, "5.5.2", kWords));
    else
        dialogue.replies.refuse(500, "5.5.2", kWords);
}

void handle_auth_line(ServerDialogue& dialogue, std::string_view line) {
    if (line == "*") return cancel_auth(dialogue, make_reply(501, "5.7.0", "Authentication cancelled"));
    std::optional<std::string> response = base64::decode(line);
    if (!response) return cancel_auth(dialogue, make_reply(501, "5.5.2", "The response is not base64"));
    dialogue.state = ServerState::awaiting_auth;
    dialogue.replies.act(AuthContinue{*std::move(response)});
}

void handle_line(ServerDialogue& dialogue, std::string_view line) {
    if (++dialogue.idle_commands > dialogue.options.limits.idle_commands)
        return dialogue.replies.close_with(421, "4.7.0", "Too many commands that lead nowhere");
    Transaction& transaction = dialogue.transaction;
    const Result<Command, Reply> command = parse_command(
        line, {.extended = dialogue.extended, .smtputf8 = transaction.begun && transaction.envelope.smtputf8});
    if (command) {
        std::visit([&](const auto& which) { handle(dialogue, which); }, *command);
        return;
    }
    const bool of_message =
        ascii::istarts_with(line, transaction.begun ? "RCPT" : "MAIL"); // others leave things as they are
    if (of_message) transaction.refused = command.error();
    dialogue.replies.refuse(command.error());
}

/// Handles one line. False if there is none yet.
bool read_line(ServerDialogue& dialogue) {
    const ServerLimits& limits = dialogue.options.limits;
    const std::string_view waiting = dialogue.input.waiting();
    if (dialogue.state == ServerState::command && !dialogue.input.skipping() && is_foreign_protocol(waiting)) {
        dialogue.replies.close();
        return false;
    }
    const bool auth = dialogue.state == ServerState::auth_response || ascii::istarts_with(waiting, "AUTH ");
    const auto line = dialogue.input.take_line(auth ? limits.auth_line_bytes : limits.command_line_bytes);
    if (!line) {
        if (line.error() == lines::LineBuffer::Lack::endless)
            dialogue.replies.close_with(500, "5.5.2", "Line too long");
        return false;
    }
    ++dialogue.ended;
    if (line->too_long)
        line_too_long(dialogue);
    else if (!line->ends_in_crlf)
        bare_line_feed(dialogue);
    else if (dialogue.state == ServerState::auth_response)
        handle_auth_line(dialogue, line->text);
    else
        handle_line(dialogue, line->text);
    return true;
}

/// Reads more of a message. False if it did not end.
bool read_message(ServerDialogue& dialogue) {
    const std::string_view waiting = dialogue.input.waiting();
    if (waiting.empty()) return false;
    MessageReader::Step step = dialogue.message.read(waiting, dialogue.options.limits);
    dialogue.input.take(step.used);
    if (step.refused_now) dialogue.replies.act(AbandonMessage{});
    if (!step.bytes.empty()) dialogue.replies.act(MessageBytes{std::move(step.bytes)});
    if (step.given_up) dialogue.replies.close_with(*dialogue.message.refusal());
    if (!step.ended) return false;
    ++dialogue.ended;
    if (dialogue.message.refusal()) {
        dialogue.state = ServerState::command;
        dialogue.transaction = {};
        dialogue.replies.refuse(*dialogue.message.refusal());
    } else {
        dialogue.state = ServerState::awaiting_message_end;
        dialogue.replies.act(EndOfMessage{});
    }
    return true;
}

} // namespace

void read_on(ServerDialogue& dialogue) {
    while (!dialogue.awaiting() && !dialogue.replies.closed()) {
        const bool more = dialogue.state == ServerState::data ? read_message(dialogue) : read_line(dialogue);
        if (!more) break;
    }
    dialogue.input.compact();
}

void cancel_auth(ServerDialogue& dialogue, const Reply& refusal) {
    dialogue.replies.act(AuthCancel{});
    dialogue.state = ServerState::command;
    dialogue.replies.refuse(refusal);
}

} // namespace tegami::smtp
