// The server's side of SMTP (RFC 5321): decides what to answer and what to do next; never reads a socket, a clock or
// a file. One class serves port 25 (mx) and submission (RFC 6409); the driver performs its actions in order.
//
// 1. While an answer of the driver is outstanding nothing is read; later octets wait (RFC 2920), bounded. The driver
//    should not read from the network while wants_input() is false.
// 2. Replies appear in the order of the commands; replies that are ready at once come in one Send.
// 3. STARTTLS must be the last thing in the stream: octets behind it, sent before TLS, end the connection, and TLS
//    forgets everything said before (RFC 3207 §4.2).
// 4. A message is acknowledged only by message_done(). AbandonMessage, or Close before EndOfMessage, means that none of
//    its octets may be kept.
// 5. After Close nothing more is returned, whatever is called.
//
// It does not look into messages, resolve names, or know who may send to whom: those are the driver's answers.
// DSN (RFC 3461), CHUNKING (RFC 3030) and LMTP (RFC 2033) are not spoken.
#pragma once

#include "protocol/lines/line_buffer.h"
#include "protocol/smtp/command_parser.h"
#include "protocol/smtp/data_reader.h"
#include "protocol/smtp/envelope.h"
#include "protocol/smtp/reply.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::smtp {

enum class ServerRole : std::uint8_t {
    mx,         ///< port 25: mail from strangers for our users
    submission, ///< ports 587 and 465: AUTH before MAIL (RFC 6409 §4.3)
};

enum class TlsState : std::uint8_t { unavailable, available, active };

struct ServerLimits {
    /// Limit: RFC 5321 §4.5.3.1.4 says 512 plus what extensions add (SIZE 26, AUTH 500, SMTPUTF8 10, BODY 17).
    std::size_t command_line_bytes = 2048;
    /// Limit: RFC 4954 §4.
    std::size_t auth_line_bytes = 12288;
    /// Octets of a line that is too long, then 500 and the end of the connection.
    std::size_t skipped_line_bytes = 64 * 1024;
    /// Octets kept while an answer is outstanding; not less than the driver reads at once.
    std::size_t pending_bytes = 64 * 1024;
    /// Announced as SIZE (RFC 1870 §4); octets of one message.
    std::uint64_t message_bytes = 50ull * 1024 * 1024;
    /// How far a refused message is read towards its end before the connection is closed instead.
    std::uint64_t refused_bytes = 64ull * 1024 * 1024;
    /// RFC 5321 §4.5.3.1.8 asks for at least 100.
    std::size_t recipients = 1000;
    /// Refused recipients of one connection, then 421: address harvesting.
    std::size_t refused_recipients = 100;
    /// Commands that were wrong, then 421.
    std::size_t errors = 20;
    /// Bare LF as line end of a command, then 421.
    std::size_t bare_line_ends = 3;
    /// Commands since the last one that got anywhere (NOOP, RSET, VRFY, HELP, EHLO …), then 421.
    std::size_t idle_commands = 100;
    /// Messages of one connection, then 421.
    std::size_t transactions = 1000;
    /// Failed AUTH exchanges, then 421.
    std::size_t auth_failures = 3;
    /// Challenges of one AUTH exchange.
    std::size_t auth_steps = 8;
    /// Limit: RFC 5321 §4.5.3.2.7.
    std::chrono::seconds idle_time = std::chrono::minutes(5);
    /// How fast a message must come on the whole, beyond the first idle_time: octets a second.
    std::uint64_t message_rate = 500;
};

struct ServerOptions {
    ServerRole role = ServerRole::mx;
    /// In the greeting and the EHLO reply.
    std::string host_name;
    /// The domain of "<Postmaster>" without one (RFC 5321 §4.5.1).
    std::optional<message::Domain> postmaster_domain;
    TlsState tls = TlsState::unavailable;
    /// Names to announce in the present TLS state, strongest first; none means no AUTH.
    std::vector<std::string> auth_mechanisms;
    /// AUTH without TLS, for loopback only.
    bool auth_without_tls = false;
    ServerLimits limits;
};

/// Write these octets: one or more replies.
struct Send {
    std::string bytes;
};

/// Start TLS as server on this connection, then call tls_started(); close it if the handshake fails.
struct StartTls {};

/// Start a SASL exchange and call auth_challenge(), auth_succeeded() or auth_failed().
struct AuthBegin {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

/// The client's response to the last challenge, decoded; call one of the same three.
struct AuthContinue {
    std::string response;
};

/// The client gave up ("*"); forget the exchange. Already answered.
struct AuthCancel {};

/// May this sender begin? See envelope(); call sender_checked().
struct CheckSender {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
};

/// Do we take mail for this one? Call recipient_checked().
struct CheckRecipient {
    EnvelopeRecipient recipient;
};

/// The client wants to send the message for envelope(); call message_begun().
struct BeginMessage {};

/// The next octets of the message: exact, without transparency dots. No answer.
struct MessageBytes {
    std::string bytes;
};

/// The message is complete; call message_done() when it is durable or refused.
struct EndOfMessage {};

/// Drop the message begun: it is faulty or too big and the session refuses it. No answer.
struct AbandonMessage {};

/// Close the connection after everything sent before.
struct Close {};

using ServerAction = std::variant<Send, StartTls, AuthBegin, AuthContinue, AuthCancel, CheckSender, CheckRecipient,
                                  BeginMessage, MessageBytes, EndOfMessage, AbandonMessage, Close>;
using ServerActions = std::vector<ServerAction>;

class ServerSession {
public:
    explicit ServerSession(ServerOptions options);

    /// The greeting, or with a refusal (421, 554) that reply and the end of the connection. Call it first.
    ServerActions start(Result<void, Reply> admission = {});
    /// Octets from the client, split anyhow.
    ServerActions feed(std::string_view bytes);

    /// After StartTls. `auth_mechanisms` replaces the list: channel binding exists now.
    ServerActions tls_started(std::vector<std::string> auth_mechanisms);
    ServerActions auth_challenge(std::string_view challenge);
    ServerActions auth_succeeded();
    /// For example auth_refused(); delaying the call delays the client.
    ServerActions auth_failed(Reply refusal);
    ServerActions sender_checked(Result<void, Reply> verdict);
    ServerActions recipient_checked(Result<void, Reply> verdict);
    ServerActions message_begun(Result<void, Reply> verdict);
    /// 250 if we now answer for the message, else why not. The transaction is over either way.
    ServerActions message_done(Reply outcome);

    /// Ends the connection in any state: shut down, memory short.
    ServerActions end(const Reply& last_words);
    /// timeout() passed without an octet, or whole_time() in all: 421 4.4.2 (RFC 5321 §4.5.3.2.7).
    ServerActions timed_out();

    /// How long to wait for the next octets in this state.
    std::chrono::seconds timeout() const;
    /// How long the command, line or message of which some octets have come may take from the first of them to the
    /// last; nothing between commands. Octets that drip do not begin it anew.
    std::optional<std::chrono::seconds> whole_time() const;

    /// Lines and messages that have come to their end.
    std::uint64_t ended() const { return ended_; }

    /// False while an answer is outstanding, or after Close.
    bool wants_input() const;

    bool closed() const { return state_ == State::closed; }

    /// The transaction under way; recipients are the accepted ones.
    const Envelope& envelope() const { return envelope_; }

    /// What EHLO or HELO said; empty before.
    const std::string& helo_name() const { return helo_name_; }

    bool tls_active() const { return options_.tls == TlsState::active; }

    /// For "with" in Received: SMTP, ESMTP, ESMTPSA, UTF8SMTPS … (RFC 3848, RFC 6531 §4.3).
    std::string_view transmission_type() const;

private:
    enum class State : std::uint8_t {
        fresh,         // start() not called
        command,       // reading command lines
        auth_response, // reading one line of an AUTH exchange
        data,          // reading a message
        data_refused,  // reading a message that will be refused
        awaiting_tls,  // the rest wait for the driver
        awaiting_auth,
        awaiting_sender,
        awaiting_recipient,
        awaiting_message_begin,
        awaiting_message_end,
        closed,
    };

    bool awaiting() const { return state_ >= State::awaiting_tls && state_ < State::closed; }

    void run();
    bool run_line();
    bool run_data();
    void handle_line(std::string_view line);
    void handle_auth_line(std::string_view line);
    void line_too_long();
    void bare_line_feed();
    void cancel_auth(int code, std::string_view status, std::string_view text);
    void refuse_message(Reply refusal);

    void handle(const HelloCommand& command);
    void handle(const MailCommand& command);
    void handle(const RcptCommand& command);
    void handle(const AuthCommand& command);
    void handle(const DataCommand& command);
    void handle(const ResetCommand& command);
    void handle(const NoopCommand& command);
    void handle(const VerifyCommand& command);
    void handle(const ExpandCommand& command);
    void handle(const HelpCommand& command);
    void handle(const StartTlsCommand& command);
    void handle(const QuitCommand& command);

    void act(ServerAction action) { actions_.push_back(std::move(action)); }

    bool auth_possible() const;
    Reply hello_reply() const;
    void send(std::string_view bytes);
    void reply(const Reply& reply);
    void reply(int code, std::string_view status, std::string_view text);
    void refuse(const Reply& refusal);
    void refuse(int code, std::string_view status, std::string_view text);
    void close_with(int code, std::string_view status, std::string_view text);

    void progressed() { idle_commands_ = 0; }

    std::string with_reason(std::string_view text) const;

    void end_transaction();
    ServerActions flush();

    ServerOptions options_;
    State state_ = State::fresh;
    ServerActions actions_;
    lines::LineBuffer input_;
    std::uint64_t ended_ = 0;

    bool extended_ = false;
    std::string helo_name_;
    bool authenticated_ = false;
    bool in_transaction_ = false;
    Envelope envelope_;
    std::optional<EnvelopeRecipient> recipient_under_check_; // while awaiting_recipient
    std::optional<Reply> refused_; // MAIL, RCPT or DATA last, if that is why what follows makes no sense
    DataReader data_;
    std::uint64_t refused_bytes_ = 0;
    Reply data_refusal_;

    std::size_t errors_ = 0;
    std::size_t bare_line_ends_ = 0;
    std::size_t idle_commands_ = 0;
    std::size_t transactions_ = 0;
    std::size_t refused_recipients_ = 0;
    std::size_t auth_failures_ = 0;
    std::size_t auth_steps_ = 0;
};

/// 535 5.7.8: the same words for an unknown user and a wrong password (RFC 4954 §6).
Reply auth_refused();

} // namespace tegami::smtp
