// The driver's questions and answers; reading is in server_reading.cpp, commands are in server_commands.cpp.
#include "protocol/smtp/server_session.h"

#include "base/assert.h"
#include "base/base64.h"

namespace tegami::smtp {

Reply auth_refused() {
    return make_reply(535, "5.7.8", "Wrong user name or password");
}

ServerSession::ServerSession(ServerOptions options) : dialogue_(std::move(options)) {}

ServerActions ServerSession::start(Result<void, Reply> admission) {
    ASSERT(dialogue_.state == ServerState::fresh);
    dialogue_.state = ServerState::command;
    if (admission)
        dialogue_.replies.reply(220, "", dialogue_.options.host_name + " ESMTP Tegami");
    else
        dialogue_.replies.close_with(admission.error());
    return dialogue_.replies.take();
}

ServerActions ServerSession::feed(std::string_view bytes) {
    ASSERT(dialogue_.state != ServerState::fresh);
    if (closed() || bytes.empty()) return {};
    if (dialogue_.state == ServerState::awaiting_tls) {
        // RFC 3207 §4.2: these octets came before TLS; obeying them
        // after it would let anyone on the path inject commands.
        dialogue_.replies.close_with(554, "5.5.1", "Nothing may follow STARTTLS before TLS");
        return dialogue_.replies.take();
    }
    dialogue_.input.add(bytes);
    read_on(dialogue_);
    if (dialogue_.awaiting() && !closed() && dialogue_.input.waiting().size() > dialogue_.options.limits.pending_bytes)
        dialogue_.replies.close_with(421, "4.7.0", "Too much sent without waiting for replies");
    return dialogue_.replies.take();
}

ServerActions ServerSession::go_on() {
    read_on(dialogue_);
    return dialogue_.replies.take();
}

ServerActions ServerSession::tls_started(std::vector<std::string> auth_mechanisms) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_tls);
    // RFC 3207 §4.2: as if the connection had just begun, without the greeting.
    dialogue_.state = ServerState::command;
    dialogue_.options.tls = TlsState::active;
    dialogue_.options.auth_mechanisms = std::move(auth_mechanisms);
    dialogue_.extended = false;
    dialogue_.helo_name.clear();
    dialogue_.authenticated = false;
    dialogue_.transaction = {};
    dialogue_.idle_commands = 0;
    return dialogue_.replies.take();
}

ServerActions ServerSession::auth_challenge(std::string_view challenge) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_auth);
    if (++dialogue_.auth_steps > dialogue_.options.limits.auth_steps) {
        cancel_auth(dialogue_, make_reply(501, "5.5.2", "The exchange does not end"));
    } else {
        dialogue_.state = ServerState::auth_response;
        dialogue_.replies.send("334 " + base64::encode(challenge) + "\r\n");
    }
    return go_on();
}

ServerActions ServerSession::auth_succeeded() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_auth);
    dialogue_.state = ServerState::command;
    dialogue_.authenticated = true;
    dialogue_.transaction.refused.reset();
    dialogue_.idle_commands = 0;
    dialogue_.replies.reply(235, "2.7.0", "Logged in");
    return go_on();
}

ServerActions ServerSession::auth_failed(Reply refusal) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_auth);
    dialogue_.state = ServerState::command;
    if (++dialogue_.auth_failures >= dialogue_.options.limits.auth_failures)
        dialogue_.replies.close_with(421, "4.7.0", "Too many failed logins");
    else
        dialogue_.replies.reply(refusal);
    return go_on();
}

ServerActions ServerSession::sender_checked(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_sender);
    dialogue_.state = ServerState::command;
    if (verdict) {
        dialogue_.transaction.begun = true;
        dialogue_.transaction.refused.reset();
        dialogue_.idle_commands = 0;
        dialogue_.replies.reply(250, "2.1.0", "Sender accepted");
    } else {
        dialogue_.transaction = {.refused = verdict.error()};
        dialogue_.replies.reply(verdict.error());
    }
    return go_on();
}

ServerActions ServerSession::recipient_checked(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_recipient);
    dialogue_.state = ServerState::command;
    Transaction& transaction = dialogue_.transaction;
    const auto recipient = std::exchange(transaction.under_check, std::nullopt);
    if (verdict) {
        transaction.envelope.recipients.push_back(*recipient);
        dialogue_.idle_commands = 0;
        dialogue_.replies.reply(250, "2.1.5", "Recipient accepted");
    } else if (verdict.error().permanent() &&
               ++dialogue_.refused_recipients >= dialogue_.options.limits.refused_recipients) {
        dialogue_.replies.close_with(421, "4.7.0", "Too many unknown recipients");
    } else {
        transaction.refused = verdict.error();
        dialogue_.replies.reply(verdict.error());
    }
    return go_on();
}

ServerActions ServerSession::message_begun(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_message_begin);
    if (verdict) {
        dialogue_.state = ServerState::data;
        dialogue_.message = {};
        dialogue_.replies.reply(354, "", "Send the message, end it with a line of one dot");
    } else {
        dialogue_.state = ServerState::command;
        dialogue_.transaction = {.refused = verdict.error()};
        dialogue_.replies.reply(verdict.error());
    }
    return go_on();
}

ServerActions ServerSession::message_done(Reply outcome) {
    if (closed()) return {};
    ASSERT(dialogue_.state == ServerState::awaiting_message_end);
    dialogue_.state = ServerState::command;
    dialogue_.transaction = {};
    ++dialogue_.transactions;
    if (outcome.positive()) dialogue_.idle_commands = 0;
    dialogue_.replies.reply(outcome);
    return go_on();
}

ServerActions ServerSession::end(const Reply& last_words) {
    if (closed()) return {};
    dialogue_.replies.close_with(last_words);
    return dialogue_.replies.take();
}

ServerActions ServerSession::timed_out() {
    return end(make_reply(421, "4.4.2", dialogue_.options.host_name + " This took too long"));
}

std::chrono::seconds ServerSession::timeout() const {
    return dialogue_.options.limits.idle_time;
}

std::optional<std::chrono::seconds> ServerSession::whole_time() const {
    if (!wants_input()) return std::nullopt;
    const ServerLimits& limits = dialogue_.options.limits;
    if (dialogue_.state == ServerState::data)
        return limits.idle_time + std::chrono::seconds(dialogue_.message.message_bytes() / limits.message_rate);
    if (!dialogue_.input.in_line()) return std::nullopt;
    return limits.idle_time;
}

bool ServerSession::wants_input() const {
    return !dialogue_.awaiting() && !closed() && dialogue_.state != ServerState::fresh;
}

std::string_view ServerSession::transmission_type() const {
    const bool tls = dialogue_.tls_active();
    const bool authenticated = dialogue_.authenticated;
    if (dialogue_.transaction.begun && dialogue_.transaction.envelope.smtputf8) {
        if (tls) return authenticated ? "UTF8SMTPSA" : "UTF8SMTPS";
        return authenticated ? "UTF8SMTPA" : "UTF8SMTP";
    }
    if (!dialogue_.extended) return "SMTP";
    if (tls) return authenticated ? "ESMTPSA" : "ESMTPS";
    return authenticated ? "ESMTPA" : "ESMTP";
}

} // namespace tegami::smtp
