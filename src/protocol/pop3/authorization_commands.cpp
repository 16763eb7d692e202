// The authorization state (RFC 1939 §4), AUTH (RFC 5034), STLS (RFC 2595) and CAPA (RFC 2449).
#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/pop3/server_dialogue.h"

#include <algorithm>

namespace tegami::pop3 {

namespace {

/// USER and PASS show the password as PLAIN does, so they are there only if that is.
bool takes_passwords(const ServerDialogue& dialogue) {
    return std::ranges::any_of(dialogue.options.auth_mechanisms,
                               [](const std::string& name) { return name == "PLAIN" || name == "LOGIN"; });
}

void user(ServerDialogue& dialogue, std::string_view argument) {
    if (!dialogue.login_possible()) return dialogue.replies.error("Say STLS first");
    if (!takes_passwords(dialogue)) return dialogue.replies.error("This server takes no password as it is; use AUTH");
    if (argument.empty()) return dialogue.replies.error("A name must follow");
    dialogue.user = argument;
    // RFC 1939 §7: who exists is shown to nobody.
    dialogue.replies.ok("Now the password");
}

void pass(ServerDialogue& dialogue, std::string_view argument) {
    if (!dialogue.login_possible()) return dialogue.replies.error("Say STLS first");
    if (dialogue.user.empty()) return dialogue.replies.error("Say USER first");
    if (argument.empty()) return dialogue.replies.error("A password must follow");
    dialogue.state = ServerState::awaiting_login;
    dialogue.replies.act(CheckPassword{.user = std::exchange(dialogue.user, {}), .password = std::string(argument)});
}

/// RFC 5034 §4
void auth(ServerDialogue& dialogue, std::string_view argument) {
    const std::size_t space = argument.find(' ');
    const std::string mechanism = ascii::upper(argument.substr(0, space));
    if (!dialogue.login_possible()) return dialogue.replies.error("Say STLS first");
    if (std::ranges::find(dialogue.options.auth_mechanisms, mechanism) == dialogue.options.auth_mechanisms.end())
        return dialogue.replies.error("This mechanism is not offered");
    std::optional<std::string> response;
    if (space != std::string_view::npos) {
        const std::string_view text = argument.substr(space + 1);
        response = text == "=" ? std::string() : base64::decode(text);
        if (!response) return dialogue.replies.error("The response is not base64");
    }
    dialogue.auth_steps = 0;
    dialogue.state = ServerState::awaiting_login;
    dialogue.replies.act(AuthBegin{.mechanism = mechanism, .initial_response = std::move(response)});
}

void stls(ServerDialogue& dialogue, std::string_view /*argument*/) {
    if (dialogue.options.tls == TlsState::unavailable) return dialogue.replies.error("TLS is not offered here");
    if (dialogue.options.tls == TlsState::active) return dialogue.replies.error("TLS is active already");
    if (!dialogue.input.waiting().empty())
        return dialogue.replies.close_with("-ERR Nothing may follow STLS before TLS");
    dialogue.state = ServerState::awaiting_tls;
    dialogue.replies.ok("Begin TLS");
    dialogue.replies.act(StartTls{});
}

void utf8(ServerDialogue& dialogue, std::string_view /*argument*/) {
    dialogue.utf8 = true;
    dialogue.replies.ok("UTF8 enabled");
}

} // namespace

bool handle_authorization(ServerDialogue& dialogue, std::string_view verb, std::string_view argument) {
    static constexpr CommandOfName kCommands[] = {
        {"USER", user}, {"PASS", pass}, {"AUTH", auth}, {"STLS", stls}, {"UTF8", utf8}};
    return handle_by_name(kCommands, dialogue, verb, argument);
}

/// RFC 2449 §5: the list depends on the state.
void list_capabilities(ServerDialogue& dialogue) {
    std::string text = "+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
                       "EXPIRE NEVER\r\nUTF8\r\n";
    const bool before_login = dialogue.state == ServerState::authorization;
    if (before_login && dialogue.options.tls == TlsState::available) text += "STLS\r\n";
    if (dialogue.login_possible()) {
        if (takes_passwords(dialogue)) text += "USER\r\n";
        if (!dialogue.options.auth_mechanisms.empty()) {
            text += "SASL";
            for (const std::string& mechanism : dialogue.options.auth_mechanisms)
                text += ' ' + mechanism;
            text += "\r\n";
        }
    }
    if (!before_login && !dialogue.options.implementation.empty())
        text += "IMPLEMENTATION " + dialogue.options.implementation + "\r\n";
    dialogue.replies.send(text + ".\r\n");
}

void cancel_auth(ServerDialogue& dialogue, std::string_view text) {
    dialogue.replies.act(AuthCancel{});
    dialogue.state = ServerState::authorization;
    dialogue.replies.error(text);
}

} // namespace tegami::pop3
