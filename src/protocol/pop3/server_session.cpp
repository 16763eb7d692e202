// Reading, waiting, logging in and ending; what is done with the maildrop is in maildrop_commands.cpp.
#include "protocol/pop3/server_session.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

#include <algorithm>

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

ServerSession::ServerSession(ServerOptions options)
    : options_(std::move(options)), input_(options_.limits.skipped_line_bytes) {}

ServerActions ServerSession::start() {
    ASSERT(state_ == State::fresh);
    state_ = State::authorization;
    // RFC 1939 §4, §7: no text in angle brackets here, it would offer APOP.
    ok(options_.host_name + " POP3 ready");
    return flush();
}

ServerActions ServerSession::feed(std::string_view bytes) {
    ASSERT(state_ != State::fresh);
    if (closed() || bytes.empty()) return {};
    if (state_ == State::awaiting_tls) {
        // Sent before TLS; obeying it after would let anyone on the path inject commands (RFC 2595 §4).
        close_with("-ERR Nothing may follow STLS before TLS");
        return flush();
    }
    input_.add(bytes);
    run();
    if (awaiting() && input_.waiting().size() > options_.limits.pending_bytes)
        close_with("-ERR Too much sent without waiting for replies");
    return flush();
}

void ServerSession::run() {
    while (!awaiting() && !closed() && run_line()) {
    }
    input_.compact();
}

/// Handles one line. False if there is none yet. Interop: a bare LF ends a line too; nothing can be smuggled in POP3.
bool ServerSession::run_line() {
    const bool auth = state_ == State::auth_response || ascii::istarts_with(input_.waiting(), "AUTH ");
    const auto line = input_.take_line(auth ? options_.limits.auth_line_bytes : options_.limits.command_line_bytes);
    if (!line) {
        if (line.error() == lines::LineBuffer::Lack::endless) close_with("-ERR Line too long");
        return false;
    }
    ++ended_;
    const bool of_auth = state_ == State::auth_response;
    if (line->too_long)
        of_auth ? cancel_auth("Line too long") : error("Line too long");
    else
        of_auth ? handle_auth_line(line->text) : handle_line(line->text);
    return true;
}

void ServerSession::handle_line(std::string_view line) {
    if (identity_.empty() && ++commands_before_login_ > options_.limits.commands_before_login)
        return close_with("-ERR Too many commands without a login");
    if (std::ranges::any_of(line, ascii::is_control)) return error("Control characters in a command");
    const std::string_view word = line.substr(0, line.find(' '));
    std::string_view argument = line.substr(std::min(word.size() + 1, line.size()));
    const std::string verb = ascii::upper(word);
    // A password may begin or end with spaces; nothing else does.
    if (verb != "PASS") argument = ascii::trim(argument);

    if (verb == "QUIT") return quit();
    if (verb == "CAPA") return capa();
    const bool known =
        state_ == State::authorization ? handle_authorization(verb, argument) : handle_transaction(verb, argument);
    if (!known) error("Command not recognised here");
}

bool ServerSession::handle_authorization(std::string_view verb, std::string_view argument) {
    if (verb == "USER")
        user(argument);
    else if (verb == "PASS")
        pass(argument);
    else if (verb == "AUTH")
        auth(argument);
    else if (verb == "STLS")
        stls();
    else if (verb == "UTF8") {
        utf8_ = true;
        ok("UTF8 enabled");
    } else
        return false;
    return true;
}

/// RFC 2449 §5: the list depends on the state.
void ServerSession::capa() {
    std::string text = "+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
                       "EXPIRE NEVER\r\nUTF8\r\n";
    const bool before_login = state_ == State::authorization;
    if (before_login && options_.tls == TlsState::available) text += "STLS\r\n";
    if (login_possible()) {
        if (takes_passwords()) text += "USER\r\n";
        if (!options_.auth_mechanisms.empty()) {
            text += "SASL";
            for (const std::string& mechanism : options_.auth_mechanisms)
                text += ' ' + mechanism;
            text += "\r\n";
        }
    }
    if (!before_login && !options_.implementation.empty()) text += "IMPLEMENTATION " + options_.implementation + "\r\n";
    send(text + ".\r\n");
}

/// USER and PASS show the password as PLAIN does, so they are there only if that is.
bool ServerSession::takes_passwords() const {
    return std::ranges::any_of(options_.auth_mechanisms,
                               [](const std::string& name) { return name == "PLAIN" || name == "LOGIN"; });
}

void ServerSession::user(std::string_view argument) {
    if (!login_possible()) return error("Say STLS first");
    if (!takes_passwords()) return error("This server takes no password as it is; use AUTH");
    if (argument.empty()) return error("A name must follow");
    user_ = argument;
    // RFC 1939 §7: who exists is shown to nobody.
    ok("Now the password");
}

void ServerSession::pass(std::string_view argument) {
    if (!login_possible()) return error("Say STLS first");
    if (user_.empty()) return error("Say USER first");
    if (argument.empty()) return error("A password must follow");
    state_ = State::awaiting_login;
    act(CheckPassword{.user = std::exchange(user_, {}), .password = std::string(argument)});
}

/// RFC 5034 §4
void ServerSession::auth(std::string_view argument) {
    const std::size_t space = argument.find(' ');
    const std::string mechanism = ascii::upper(argument.substr(0, space));
    if (!login_possible()) return error("Say STLS first");
    if (std::ranges::find(options_.auth_mechanisms, mechanism) == options_.auth_mechanisms.end())
        return error("This mechanism is not offered");
    std::optional<std::string> response;
    if (space != std::string_view::npos) {
        const std::string_view text = argument.substr(space + 1);
        response = text == "=" ? std::string() : base64::decode(text);
        if (!response) return error("The response is not base64");
    }
    auth_steps_ = 0;
    state_ = State::awaiting_login;
    act(AuthBegin{.mechanism = mechanism, .initial_response = std::move(response)});
}

void ServerSession::handle_auth_line(std::string_view line) {
    if (line == "*") return cancel_auth("Authentication cancelled");
    std::optional<std::string> response = base64::decode(line);
    if (!response) return cancel_auth("The response is not base64");
    state_ = State::awaiting_login;
    act(AuthContinue{*std::move(response)});
}

void ServerSession::cancel_auth(std::string_view text) {
    act(AuthCancel{});
    state_ = State::authorization;
    error(text);
}

ServerActions ServerSession::auth_challenge(std::string_view challenge) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_login);
    if (++auth_steps_ > options_.limits.auth_steps) {
        cancel_auth("The exchange does not end");
    } else {
        state_ = State::auth_response;
        send("+ " + base64::encode(challenge) + "\r\n");
    }
    run();
    return flush();
}

ServerActions ServerSession::auth_succeeded(std::string identity) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_login && !identity.empty());
    state_ = State::awaiting_maildrop;
    identity_ = std::move(identity);
    act(OpenMaildrop{identity_});
    return flush();
}

ServerActions ServerSession::auth_failed(Refusal why) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_login);
    refuse_login(why);
    run();
    return flush();
}

ServerActions ServerSession::maildrop_opened(Result<Maildrop, Refusal> maildrop) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_maildrop);
    if (maildrop) {
        uid_validity_ = maildrop->uid_validity;
        messages_.reserve(maildrop->messages.size());
        for (const MaildropEntry& entry : maildrop->messages)
            messages_.push_back({.entry = entry});
        state_ = State::transaction;
        ok("Logged in");
    } else {
        identity_.clear();
        refuse_login(maildrop.error());
    }
    run();
    return flush();
}

void ServerSession::refuse_login(Refusal why) {
    state_ = State::authorization;
    const std::string line = "-ERR " + std::string(describe(why));
    if (++auth_failures_ >= options_.limits.auth_failures)
        close_with(line);
    else
        send(line + "\r\n");
}

void ServerSession::stls() {
    if (options_.tls == TlsState::unavailable) return error("TLS is not offered here");
    if (options_.tls == TlsState::active) return error("TLS is active already");
    if (!input_.waiting().empty()) return close_with("-ERR Nothing may follow STLS before TLS");
    state_ = State::awaiting_tls;
    ok("Begin TLS");
    act(StartTls{});
}

ServerActions ServerSession::tls_started(std::vector<std::string> auth_mechanisms) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_tls);
    state_ = State::authorization;
    options_.tls = TlsState::active;
    options_.auth_mechanisms = std::move(auth_mechanisms);
    user_.clear();
    utf8_ = false;
    return flush();
}

ServerActions ServerSession::end(std::string_view text) {
    if (closed()) return {};
    close_with("-ERR " + std::string(text));
    return flush();
}

ServerActions ServerSession::timed_out() {
    if (closed()) return {};
    act(Close{});
    state_ = State::closed;
    return flush();
}

std::chrono::seconds ServerSession::timeout() const {
    return options_.limits.idle_time;
}

std::optional<std::chrono::seconds> ServerSession::whole_time() const {
    if (!wants_input() || !input_.in_line()) return std::nullopt;
    return options_.limits.command_time;
}

bool ServerSession::wants_input() const {
    return !awaiting() && !closed() && state_ != State::fresh;
}

void ServerSession::send(std::string_view bytes) {
    if (actions_.empty() || !std::holds_alternative<Send>(actions_.back())) act(Send{});
    std::get<Send>(actions_.back()).bytes += bytes;
}

void ServerSession::ok(std::string_view text) {
    send("+OK " + std::string(text) + "\r\n");
}

/// A reply to something the client did wrong; too many of them end the connection.
void ServerSession::error(std::string_view text) {
    if (++errors_ >= options_.limits.errors)
        close_with("-ERR Too many errors");
    else
        send("-ERR " + std::string(text) + "\r\n");
}

void ServerSession::close_with(std::string_view line) {
    send(std::string(line) + "\r\n");
    act(Close{});
    state_ = State::closed;
}

ServerActions ServerSession::flush() {
    return std::exchange(actions_, {});
}

} // namespace tegami::pop3
