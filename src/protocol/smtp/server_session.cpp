// Reading, waiting and ending; what each command does is in server_commands.cpp.
#include "protocol/smtp/server_session.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

namespace tegami::smtp {

ServerSession::ServerSession(ServerOptions options)
    : options_(std::move(options)), input_(options_.limits.skipped_line_bytes) {}

ServerActions ServerSession::start(Result<void, Reply> admission) {
    ASSERT(state_ == State::fresh);
    state_ = State::command;
    if (admission) {
        reply(220, "", options_.host_name + " ESMTP Tegami");
    } else {
        reply(admission.error());
        act(Close{});
        state_ = State::closed;
    }
    return flush();
}

ServerActions ServerSession::feed(std::string_view bytes) {
    ASSERT(state_ != State::fresh);
    if (closed() || bytes.empty()) return {};
    if (state_ == State::awaiting_tls) {
        // RFC 3207 §4.2: these octets came before TLS; obeying them
        // after it would let anyone on the path inject commands.
        close_with(554, "5.5.1", "Nothing may follow STARTTLS before TLS");
        return flush();
    }
    input_.add(bytes);
    run();
    if (awaiting() && input_.waiting().size() > options_.limits.pending_bytes)
        close_with(421, "4.7.0", "Too much sent without waiting for replies");
    return flush();
}

void ServerSession::run() {
    while (!awaiting() && !closed()) {
        const bool reading_message = state_ == State::data || state_ == State::data_refused;
        if (!(reading_message ? run_data() : run_line())) break;
    }
    input_.compact();
}

/// Handles one line. False if there is none yet.
bool ServerSession::run_line() {
    const std::string_view waiting = input_.waiting();
    if (state_ == State::command && !input_.skipping() && is_foreign_protocol(waiting)) {
        act(Close{});
        state_ = State::closed;
        return false;
    }
    const bool auth = state_ == State::auth_response || ascii::istarts_with(waiting, "AUTH ");
    const auto line = input_.take_line(auth ? options_.limits.auth_line_bytes : options_.limits.command_line_bytes);
    if (!line) {
        if (line.error() == lines::LineBuffer::Lack::endless) close_with(500, "5.5.2", "Line too long");
        return false;
    }
    ++ended_;
    if (line->too_long) {
        line_too_long();
    } else if (!line->ends_in_crlf) {
        bare_line_feed();
    } else if (state_ == State::auth_response) {
        handle_auth_line(line->text);
    } else {
        handle_line(line->text);
    }
    return true;
}

void ServerSession::line_too_long() {
    if (state_ == State::auth_response)
        cancel_auth(500, "5.5.6", "Line too long");
    else
        refuse(500, "5.5.2", "Line too long");
}

/// RFC 5321 §2.3.8: only CRLF ends a line. Taking LF too would make us and a strict server before us disagree about
/// what is a command.
void ServerSession::bare_line_feed() {
    if (++bare_line_ends_ >= options_.limits.bare_line_ends) {
        close_with(421, "4.7.0", "Lines must end in CR LF");
    } else if (state_ == State::auth_response) {
        cancel_auth(500, "5.5.2", "Lines must end in CR LF");
    } else {
        refuse(500, "5.5.2", "Lines must end in CR LF");
    }
}

void ServerSession::handle_line(std::string_view line) {
    if (++idle_commands_ > options_.limits.idle_commands) {
        close_with(421, "4.7.0", "Too many commands that lead nowhere");
        return;
    }
    const Result<Command, Reply> command =
        parse_command(line, {.extended = extended_, .smtputf8 = in_transaction_ && envelope_.smtputf8});
    if (command) {
        std::visit([this](const auto& which) { handle(which); }, *command);
        return;
    }
    const bool of_message =
        ascii::istarts_with(line, in_transaction_ ? "RCPT" : "MAIL"); // others leave things as they are
    if (of_message) refused_ = command.error();
    refuse(command.error());
}

/// Programs show people the last answer only, so it repeats the one that counts.
std::string ServerSession::with_reason(std::string_view text) const {
    return std::string(text) + (refused_ ? "; the answer before was: " + one_line(*refused_) : "");
}

void ServerSession::handle_auth_line(std::string_view line) {
    if (line == "*") return cancel_auth(501, "5.7.0", "Authentication cancelled");
    std::optional<std::string> response = base64::decode(line);
    if (!response) return cancel_auth(501, "5.5.2", "The response is not base64");
    state_ = State::awaiting_auth;
    act(AuthContinue{*std::move(response)});
}

void ServerSession::cancel_auth(int code, std::string_view status, std::string_view text) {
    act(AuthCancel{});
    state_ = State::command;
    refuse(code, status, text);
}

/// Reads more of a message. False if it did not end.
bool ServerSession::run_data() {
    const std::string_view waiting = input_.waiting();
    if (waiting.empty()) return false;
    std::string bytes;
    bytes.reserve(waiting.size());
    const DataReader::Progress progress = data_.read(waiting, bytes);
    input_.take(progress.used);

    if (state_ == State::data && data_.bare_line_end()) {
        // Interop: Exchange made this status known for bare line ends; RFC 3463 has none for them.
        refuse_message(make_reply(550, "5.6.11", "The message has line ends other than CR LF"));
    } else if (state_ == State::data && data_.message_bytes() > options_.limits.message_bytes) {
        refuse_message(make_reply(552, "5.3.4", "The message is too big"));
    } else if (state_ == State::data && !bytes.empty()) {
        act(MessageBytes{std::move(bytes)});
    }

    if (state_ == State::data_refused) {
        refused_bytes_ += progress.used;
        if (!progress.ended && refused_bytes_ > options_.limits.refused_bytes) {
            reply(data_refusal_);
            act(Close{});
            state_ = State::closed;
            return false;
        }
    }
    if (!progress.ended) return false;
    ++ended_;
    if (state_ == State::data) {
        state_ = State::awaiting_message_end;
        act(EndOfMessage{});
    } else {
        state_ = State::command;
        end_transaction();
        refuse(data_refusal_);
    }
    return true;
}

void ServerSession::refuse_message(Reply refusal) {
    data_refusal_ = std::move(refusal);
    refused_bytes_ = 0;
    state_ = State::data_refused;
    act(AbandonMessage{});
}

void ServerSession::end_transaction() {
    in_transaction_ = false;
    envelope_ = Envelope{};
    refused_.reset();
}

void ServerSession::send(std::string_view bytes) {
    if (!actions_.empty())
        if (auto* last = std::get_if<Send>(&actions_.back())) {
            last->bytes += bytes;
            return;
        }
    act(Send{std::string(bytes)});
}

void ServerSession::reply(const Reply& reply) {
    send(encode(reply));
}

void ServerSession::reply(int code, std::string_view status, std::string_view text) {
    reply(make_reply(code, status, text));
}

/// A reply to something the client did wrong; too many of them end the connection.
void ServerSession::refuse(const Reply& refusal) {
    if (++errors_ >= options_.limits.errors)
        close_with(421, "4.7.0", "Too many errors");
    else
        reply(refusal);
}

void ServerSession::refuse(int code, std::string_view status, std::string_view text) {
    refuse(make_reply(code, status, text));
}

void ServerSession::close_with(int code, std::string_view status, std::string_view text) {
    reply(code, status, text);
    act(Close{});
    state_ = State::closed;
}

ServerActions ServerSession::end(const Reply& last_words) {
    if (closed()) return {};
    reply(last_words);
    act(Close{});
    state_ = State::closed;
    return flush();
}

ServerActions ServerSession::timed_out() {
    return end(make_reply(421, "4.4.2", options_.host_name + " This took too long"));
}

std::chrono::seconds ServerSession::timeout() const {
    return options_.limits.idle_time;
}

std::optional<std::chrono::seconds> ServerSession::whole_time() const {
    if (!wants_input()) return std::nullopt;
    const ServerLimits& limits = options_.limits;
    if (state_ == State::data || state_ == State::data_refused)
        return limits.idle_time + std::chrono::seconds(data_.message_bytes() / limits.message_rate);
    if (!input_.in_line()) return std::nullopt;
    return limits.idle_time;
}

bool ServerSession::wants_input() const {
    return !awaiting() && !closed() && state_ != State::fresh;
}

ServerActions ServerSession::flush() {
    return std::exchange(actions_, {});
}

std::string_view ServerSession::transmission_type() const {
    if (in_transaction_ && envelope_.smtputf8) {
        if (tls_active()) return authenticated_ ? "UTF8SMTPSA" : "UTF8SMTPS";
        return authenticated_ ? "UTF8SMTPA" : "UTF8SMTP";
    }
    if (!extended_) return "SMTP";
    if (tls_active()) return authenticated_ ? "ESMTPSA" : "ESMTPS";
    return authenticated_ ? "ESMTPA" : "ESMTP";
}

} // namespace tegami::smtp
