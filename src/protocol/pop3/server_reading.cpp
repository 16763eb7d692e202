// Reading lines; what each command does is in authorization_commands.cpp and maildrop_commands.cpp.
#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/pop3/server_dialogue.h"

#include <algorithm>

namespace tegami::pop3 {

namespace {

void handle_line(ServerDialogue& dialogue, std::string_view line) {
    if (dialogue.identity.empty() && ++dialogue.commands_before_login > dialogue.options.limits.commands_before_login)
        return dialogue.replies.close_with("-ERR Too many commands without a login");
    if (std::ranges::any_of(line, ascii::is_control)) return dialogue.replies.error("Control characters in a command");
    const std::string_view word = line.substr(0, line.find(' '));
    std::string_view argument = line.substr(std::min(word.size() + 1, line.size()));
    const std::string verb = ascii::upper(word);
    // A password may begin or end with spaces; nothing else does.
    if (verb != "PASS") argument = ascii::trim(argument);

    if (verb == "QUIT") return quit(dialogue);
    if (verb == "CAPA") return list_capabilities(dialogue);
    const bool known = dialogue.state == ServerState::authorization ? handle_authorization(dialogue, verb, argument)
                                                                    : handle_transaction(dialogue, verb, argument);
    if (!known) dialogue.replies.error("Command not recognised here");
}

void handle_auth_line(ServerDialogue& dialogue, std::string_view line) {
    if (line == "*") return cancel_auth(dialogue, "Authentication cancelled");
    std::optional<std::string> response = base64::decode(line);
    if (!response) return cancel_auth(dialogue, "The response is not base64");
    dialogue.state = ServerState::awaiting_login;
    dialogue.replies.act(AuthContinue{*std::move(response)});
}

/// Handles one line. False if there is none yet. Interop: a bare LF ends a line too; nothing can be smuggled in POP3.
bool read_line(ServerDialogue& dialogue) {
    const ServerLimits& limits = dialogue.options.limits;
    const bool auth =
        dialogue.state == ServerState::auth_response || ascii::istarts_with(dialogue.input.waiting(), "AUTH ");
    const auto line = dialogue.input.take_line(auth ? limits.auth_line_bytes : limits.command_line_bytes);
    if (!line) {
        if (line.error() == lines::LineBuffer::Lack::endless) dialogue.replies.close_with("-ERR Line too long");
        return false;
    }
    ++dialogue.ended;
    const bool of_auth = dialogue.state == ServerState::auth_response;
    if (line->too_long)
        of_auth ? cancel_auth(dialogue, "Line too long") : dialogue.replies.error("Line too long");
    else
        of_auth ? handle_auth_line(dialogue, line->text) : handle_line(dialogue, line->text);
    return true;
}

} // namespace

bool handle_by_name(std::span<const CommandOfName> commands, ServerDialogue& dialogue, std::string_view verb,
                    std::string_view argument) {
    const auto found = std::ranges::find(commands, verb, &CommandOfName::name);
    if (found == commands.end()) return false;
    found->handle(dialogue, argument);
    return true;
}

void read_on(ServerDialogue& dialogue) {
    while (!dialogue.awaiting() && !dialogue.replies.closed() && read_line(dialogue)) {
    }
    dialogue.input.compact();
}

} // namespace tegami::pop3
