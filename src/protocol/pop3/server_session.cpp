// The driver's questions and answers; reading is in server_reading.cpp, commands are in authorization_commands.cpp and
// maildrop_commands.cpp.
#include "protocol/pop3/server_session.h"

#include "base/assert.h"
#include "base/base64.h"

#include <fmt/format.h>

namespace tegami::pop3 {

namespace {

/// The text of a refused login. RFC 2449 §8, RFC 3206 §4: programs read the code, people the rest.
std::string_view describe(Refusal why) {
    switch (why) {
    case Refusal::credentials: return "[AUTH] Wrong user name or password";
    case Refusal::in_use: return "[IN-USE] Another program has this maildrop open";
    case Refusal::login_delay: return "[LOGIN-DELAY] Too soon after the last login";
    case Refusal::temporary_fault: return "[SYS/TEMP] Not possible at the moment";
    case Refusal::permanent_fault: return "[SYS/PERM] Not possible; the operator must help";
    case Refusal::malformed: return "The exchange was broken off";
    }
    return "";
}

} // namespace

ServerSession::ServerSession(ServerOptions options) : dialogue_(std::move(options)) {}

ServerActions ServerSession::start() {
    ASSERT(dialogue_.state == ServerState::fresh);
    dialogue_.state = ServerState::authorization;
    // RFC 1939 §4, §7: no text in angle brackets here, it would offer APOP.
    dialogue_.replies.ok(dialogue_.options.host_name + " POP3 ready");
    return dialogue_.replies.take();
}

ServerActions ServerSession::feed(std::string_view bytes) {
    ASSERT(dialogue_.state != ServerState::fresh);
    if (closed() || bytes.empty()) return {};
    if (dialogue_.state == ServerState::awaiting_tls) {
        // Sent before TLS; obeying it after would let anyone on the path inject commands (RFC 2595 §4).
        dialogue_.replies.close_with("-ERR Nothing may follow STLS before TLS");
        return dialogue_.replies.take();
    }
    dialogue_.input.add(bytes);
    read_on(dialogue_);
    if (dialogue_.awaiting() && !closed() && dialogue_.input.waiting().size() > dialogue_.options.limits.pending_bytes)
        dialogue_.replies.close_with("-ERR Too much sent without waiting for replies");
    return dialogue_.replies.take();
}

ServerActions ServerSession::tls_started(std::vector<std::string> auth_mechanisms) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_tls);
    dialogue_.state = ServerState::authorization;
    dialogue_.options.tls = TlsState::active;
    dialogue_.options.auth_mechanisms = std::move(auth_mechanisms);
    dialogue_.user.clear();
    dialogue_.utf8 = false;
    return dialogue_.replies.take();
}

ServerActions ServerSession::auth_challenge(std::string_view challenge) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_login);
    if (++dialogue_.auth_steps > dialogue_.options.limits.auth_steps) {
        cancel_auth(dialogue_, "The exchange does not end");
    } else {
        dialogue_.state = ServerState::auth_response;
        dialogue_.replies.send("+ " + base64::encode(challenge) + "\r\n");
    }
    return go_on();
}

ServerActions ServerSession::auth_succeeded(std::string identity) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_login && !identity.empty());
    dialogue_.state = ServerState::awaiting_maildrop;
    dialogue_.identity = std::move(identity);
    dialogue_.replies.act(OpenMaildrop{dialogue_.identity});
    return dialogue_.replies.take();
}

ServerActions ServerSession::auth_failed(Refusal why) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_login);
    refuse_login(why);
    return go_on();
}

ServerActions ServerSession::maildrop_opened(Result<Maildrop, Refusal> maildrop) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_maildrop);
    if (maildrop) {
        dialogue_.uid_validity = maildrop->uid_validity;
        dialogue_.messages.reserve(maildrop->messages.size());
        for (const MaildropEntry& entry : maildrop->messages)
            dialogue_.messages.push_back({.entry = entry});
        dialogue_.state = ServerState::transaction;
        dialogue_.replies.ok("Logged in");
    } else {
        dialogue_.identity.clear();
        refuse_login(maildrop.error());
    }
    return go_on();
}

ServerActions ServerSession::continue_listing() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::listing);
    list_more(dialogue_);
    return go_on();
}

ServerActions ServerSession::message_opened() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_message);
    dialogue_.state = ServerState::sending_message;
    if (dialogue_.current.top_lines)
        dialogue_.replies.ok("The beginning follows");
    else
        dialogue_.replies.ok(fmt::format("{} octets", dialogue_.messages[dialogue_.current.number - 1].entry.size));
    return dialogue_.replies.take();
}

ServerActions ServerSession::message_sent() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::sending_message);
    dialogue_.state = ServerState::transaction;
    return go_on();
}

ServerActions ServerSession::message_unavailable() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_message);
    dialogue_.state = ServerState::transaction;
    dialogue_.replies.send("-ERR [SYS/TEMP] The message cannot be read\r\n");
    return go_on();
}

ServerActions ServerSession::deletions_committed(bool all) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_commit);
    dialogue_.replies.close_with(all ? "+OK Goodbye" : "-ERR [SYS/TEMP] Some deleted messages were not removed");
    return dialogue_.replies.take();
}

ServerActions ServerSession::go_on() {
    read_on(dialogue_);
    return dialogue_.replies.take();
}

void ServerSession::refuse_login(Refusal why) {
    dialogue_.state = ServerState::authorization;
    const std::string line = "-ERR " + std::string(describe(why));
    if (++dialogue_.auth_failures >= dialogue_.options.limits.auth_failures)
        dialogue_.replies.close_with(line);
    else
        dialogue_.replies.send(line + "\r\n");
}

ServerActions ServerSession::end(std::string_view text) {
    if (closed()) return {};
    dialogue_.replies.close_with("-ERR " + std::string(text));
    return dialogue_.replies.take();
}

ServerActions ServerSession::timed_out() {
    if (closed()) return {};
    dialogue_.replies.close();
    return dialogue_.replies.take();
}

std::chrono::seconds ServerSession::timeout() const {
    return dialogue_.options.limits.idle_time;
}

std::optional<std::chrono::seconds> ServerSession::whole_time() const {
    if (!wants_input() || !dialogue_.input.in_line()) return std::nullopt;
    return dialogue_.options.limits.command_time;
}

bool ServerSession::wants_input() const {
    return !dialogue_.awaiting() && !closed() && dialogue_.state != ServerState::fresh;
}

} // namespace tegami::pop3
