// What each command does, and what the driver's answers do. Reading is in server_session.cpp.
#include "protocol/smtp/server_session.h"

#include "base/assert.h"
#include "base/base64.h"

#include <algorithm>

namespace tegami::smtp {

Reply auth_refused() {
    return make_reply(535, "5.7.8", "Wrong user name or password");
}

bool ServerSession::auth_possible() const {
    return !options_.auth_mechanisms.empty() && (tls_active() || options_.auth_without_tls);
}

/// RFC 5321 §4.1.1.1. RFC 2034 §4: no enhanced status here.
Reply ServerSession::hello_reply() const {
    std::string text = options_.host_name;
    if (extended_) {
        text += "\nPIPELINING\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nSIZE ";
        text += std::to_string(options_.limits.message_bytes);
        if (options_.tls == TlsState::available) text += "\nSTARTTLS";
        if (auth_possible()) {
            text += "\nAUTH";
            for (const std::string& mechanism : options_.auth_mechanisms)
                text += ' ' + mechanism;
        }
    }
    return make_reply(250, "", text);
}

void ServerSession::handle(const HelloCommand& command) {
    // RFC 5321 §4.1.4: EHLO is also a RSET.
    end_transaction();
    extended_ = command.extended;
    helo_name_ = command.name;
    reply(hello_reply());
}

void ServerSession::handle(const MailCommand& command) {
    if (in_transaction_) return refuse(503, "5.5.1", "A message is under way; RSET ends it");
    const auto refuse_mail = [this](int code, std::string_view status, std::string_view text) {
        refused_ = make_reply(code, status, text);
        refuse(*refused_);
    };
    if (helo_name_.empty()) return refuse_mail(503, "5.5.1", "Say EHLO first");
    if (options_.role == ServerRole::submission && !authenticated_)
        return refuse_mail(530, "5.7.0",
                           tls_active() || options_.auth_without_tls ? "Log in first (AUTH)"
                                                                     : "Say STARTTLS first, then log in (AUTH)");
    if (transactions_ >= options_.limits.transactions)
        return close_with(421, "4.7.0", "Enough messages for one connection");
    if (command.size && *command.size > options_.limits.message_bytes) {
        refused_ = make_reply(552, "5.3.4", "The message is too big");
        return reply(*refused_);
    }
    envelope_ = Envelope{.reverse_path = command.reverse_path,
                         .recipients = {},
                         .body = command.body,
                         .smtputf8 = command.smtputf8,
                         .declared_size = command.size,
                         .auth_parameter = command.auth};
    state_ = State::awaiting_sender;
    act(CheckSender{envelope_.reverse_path});
}

ServerActions ServerSession::sender_checked(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_sender);
    state_ = State::command;
    if (verdict) {
        in_transaction_ = true;
        refused_.reset();
        progressed();
        reply(250, "2.1.0", "Sender accepted");
    } else {
        end_transaction();
        refused_ = verdict.error();
        reply(verdict.error());
    }
    run();
    return flush();
}

void ServerSession::handle(const RcptCommand& command) {
    if (!in_transaction_) return refuse(503, "5.5.1", with_reason("Say MAIL first"));
    // RFC 5321 §4.5.3.1.10
    if (envelope_.recipients.size() >= options_.limits.recipients)
        return reply(452, "4.5.3", "Too many recipients for one message");
    if (!command.address && !options_.postmaster_domain) {
        refused_ = make_reply(550, "5.1.1", "There is no postmaster without a domain here");
        return reply(*refused_);
    }
    recipient_under_check_ = EnvelopeRecipient{
        command.address ? *command.address
                        : message::EmailAddress{.local_part = "postmaster", .domain = *options_.postmaster_domain}};
    state_ = State::awaiting_recipient;
    act(CheckRecipient{*recipient_under_check_});
}

ServerActions ServerSession::recipient_checked(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_recipient);
    state_ = State::command;
    if (verdict) {
        envelope_.recipients.push_back(*std::move(recipient_under_check_));
        progressed();
        reply(250, "2.1.5", "Recipient accepted");
    } else if (verdict.error().permanent() && ++refused_recipients_ >= options_.limits.refused_recipients) {
        close_with(421, "4.7.0", "Too many unknown recipients");
    } else {
        refused_ = verdict.error();
        reply(verdict.error());
    }
    recipient_under_check_.reset();
    run();
    return flush();
}

void ServerSession::handle(const DataCommand&) {
    if (!in_transaction_) return refuse(503, "5.5.1", with_reason("Say MAIL first"));
    // RFC 5321 §3.3
    if (envelope_.recipients.empty()) return refuse(554, "5.5.1", with_reason("No valid recipients"));
    state_ = State::awaiting_message_begin;
    act(BeginMessage{});
}

ServerActions ServerSession::message_begun(Result<void, Reply> verdict) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_message_begin);
    if (verdict) {
        state_ = State::data;
        data_ = DataReader{};
        reply(354, "", "Send the message, end it with a line of one dot");
    } else {
        state_ = State::command;
        end_transaction();
        refused_ = verdict.error();
        reply(verdict.error());
    }
    run();
    return flush();
}

ServerActions ServerSession::message_done(Reply outcome) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_message_end);
    state_ = State::command;
    end_transaction();
    ++transactions_;
    if (outcome.positive()) progressed();
    reply(outcome);
    run();
    return flush();
}

void ServerSession::handle(const AuthCommand& command) {
    // RFC 4954 §4: once, not in a transaction, and only after EHLO.
    if (!extended_) return refuse(503, "5.5.1", "Say EHLO first");
    if (authenticated_) return refuse(503, "5.5.1", "Already logged in");
    if (in_transaction_) return refuse(503, "5.5.1", "A message is under way");
    if (options_.auth_mechanisms.empty())
        return refuse(502, "5.5.1",
                      options_.role == ServerRole::mx
                          ? "Nobody logs in where servers bring mail: mail programs use port 465 or 587"
                          : "AUTH is not offered here");
    if (!auth_possible()) return refuse(530, "5.7.0", "Say STARTTLS first");
    if (std::ranges::find(options_.auth_mechanisms, command.mechanism) == options_.auth_mechanisms.end())
        return refuse(504, "5.5.4", "This mechanism is not offered");
    auth_steps_ = 0;
    state_ = State::awaiting_auth;
    act(AuthBegin{.mechanism = command.mechanism, .initial_response = command.initial_response});
}

ServerActions ServerSession::auth_challenge(std::string_view challenge) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_auth);
    if (++auth_steps_ > options_.limits.auth_steps) {
        cancel_auth(501, "5.5.2", "The exchange does not end");
    } else {
        state_ = State::auth_response;
        send("334 " + base64::encode(challenge) + "\r\n");
    }
    run();
    return flush();
}

ServerActions ServerSession::auth_succeeded() {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_auth);
    state_ = State::command;
    authenticated_ = true;
    refused_.reset();
    progressed();
    reply(235, "2.7.0", "Logged in");
    run();
    return flush();
}

ServerActions ServerSession::auth_failed(Reply refusal) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_auth);
    state_ = State::command;
    if (++auth_failures_ >= options_.limits.auth_failures)
        close_with(421, "4.7.0", "Too many failed logins");
    else
        reply(refusal);
    run();
    return flush();
}

void ServerSession::handle(const ResetCommand&) {
    end_transaction();
    reply(250, "2.0.0", "Forgotten");
}

void ServerSession::handle(const NoopCommand&) {
    reply(250, "2.0.0", "OK");
}

/// RFC 5321 §7.3: who exists is shown to nobody.
void ServerSession::handle(const VerifyCommand&) {
    reply(252, "2.5.0", "Cannot say; send the message and see");
}

void ServerSession::handle(const ExpandCommand&) {
    reply(502, "5.5.1", "Lists are not shown");
}

void ServerSession::handle(const HelpCommand&) {
    reply(214, "2.0.0", "This is Tegami; RFC 5321 says what it understands");
}

void ServerSession::handle(const StartTlsCommand&) {
    if (options_.tls == TlsState::unavailable) return refuse(502, "5.5.1", "TLS is not offered here");
    if (options_.tls == TlsState::active) return refuse(503, "5.5.1", "TLS is active already");
    if (!input_.waiting().empty()) {
        input_.take(input_.waiting().size());
        return close_with(554, "5.5.1", "Nothing may follow STARTTLS before TLS");
    }
    state_ = State::awaiting_tls;
    reply(220, "2.0.0", "Begin TLS");
    act(StartTls{});
}

ServerActions ServerSession::tls_started(std::vector<std::string> auth_mechanisms) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_tls);
    // RFC 3207 §4.2: as if the connection had just begun, without the greeting.
    state_ = State::command;
    options_.tls = TlsState::active;
    options_.auth_mechanisms = std::move(auth_mechanisms);
    extended_ = false;
    helo_name_.clear();
    authenticated_ = false;
    end_transaction();
    progressed();
    return flush();
}

void ServerSession::handle(const QuitCommand&) {
    close_with(221, "2.0.0", options_.host_name + " closes the connection");
}

} // namespace tegami::smtp
