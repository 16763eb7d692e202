// The server's side of POP3 (RFC 1939) with CAPA and response codes (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034),
// AUTH-RESP-CODE (RFC 3206) and UTF8 (RFC 6856 §2.1). Decides; never reads a socket, a clock or a file.
//
// 1. While an answer of the driver is outstanding nothing is read; later octets wait, bounded (PIPELINING).
// 2. Message numbers and sizes stay as they were when the maildrop was opened (RFC 1939 §4).
// 3. CommitDeletions appears at QUIT in the transaction state and nowhere else: a broken connection deletes nothing
//    (RFC 1939 §6).
// 4. STLS forgets everything said before, and plain octets behind it end the connection (RFC 2595 §4).
// 5. After Close nothing more is returned, whatever is called.
// 6. A listing is written in pieces: no answer is as long as the maildrop.
//
// APOP is not offered: it needs the password in plain text at rest.
#pragma once

#include "base/result.h"
#include "base/uid.h"
#include "protocol/lines/line_buffer.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::pop3 {

enum class TlsState : std::uint8_t { unavailable, available, active };

struct ServerLimits {
    /// Limit: RFC 2449 §4 says 255 octets.
    std::size_t command_line_bytes = 512;
    /// Limit: RFC 5034 §4.
    std::size_t auth_line_bytes = 12288;
    /// Octets of a line that is too long, then -ERR and the end of the connection.
    std::size_t skipped_line_bytes = 64 * 1024;
    /// Octets kept while an answer is outstanding; not less than the driver reads at once.
    std::size_t pending_bytes = 64 * 1024;
    /// Wrong commands of one connection, then it is closed.
    std::size_t errors = 20;
    /// Failed logins of one connection, then it is closed.
    std::size_t auth_failures = 3;
    /// Challenges of one AUTH exchange.
    std::size_t auth_steps = 8;
    /// Commands before login, then the connection is closed.
    std::size_t commands_before_login = 50;
    /// Limit: RFC 1939 §3 forbids less than ten minutes.
    std::chrono::seconds idle_time = std::chrono::minutes(10);
    /// From the first octet of a command to its end.
    std::chrono::seconds command_time = std::chrono::minutes(5);
};

struct ServerOptions {
    std::string host_name;
    /// For CAPA's IMPLEMENTATION, after login only.
    std::string implementation;
    TlsState tls = TlsState::unavailable;
    /// SASL names to announce in the present TLS state; none means no AUTH.
    std::vector<std::string> auth_mechanisms;
    /// USER, PASS and AUTH without TLS, for loopback only.
    bool auth_without_tls = false;
    ServerLimits limits;
};

/// One message as it was when the maildrop was opened.
struct MaildropEntry {
    /// Octets with CRLF line ends, without transparency dots.
    std::uint32_t size = 0;
    /// With the maildrop's UIDVALIDITY the unique id (RFC 1939 §7), never used again for another message.
    Uid uid;
};

struct Maildrop {
    UidValidity uid_validity;
    std::vector<MaildropEntry> messages;
};

/// Why a login or an opening was refused; decides the response code.
enum class Refusal : std::uint8_t {
    credentials,     ///< [AUTH]: unknown user or wrong password
    in_use,          ///< [IN-USE]: another session has the maildrop locked
    login_delay,     ///< [LOGIN-DELAY]
    temporary_fault, ///< [SYS/TEMP]
    permanent_fault, ///< [SYS/PERM]
    malformed,       ///< AUTH: broken exchange or unknown mechanism; no code
};

/// Write these octets: one or more replies.
struct Send {
    std::string bytes;
};

/// Start TLS as server, then call tls_started(); close the connection if the handshake fails.
struct StartTls {};

/// USER and PASS: verify, then call auth_succeeded() or auth_failed().
struct CheckPassword {
    std::string user;
    std::string password;
};

/// Start a SASL exchange; call auth_challenge(), auth_succeeded() or auth_failed().
struct AuthBegin {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

/// The client's response, decoded; call one of the same three.
struct AuthContinue {
    std::string response;
};

/// The client gave up ("*"); forget the exchange. Already answered.
struct AuthCancel {};

/// Lock and list the maildrop of this identity; call maildrop_opened().
struct OpenMaildrop {
    std::string identity;
};

/// LIST or UIDL of all messages: call continue_listing() after everything sent before, when others had their turn.
struct ContinueListing {};

/// RETR or TOP. Open the message; call message_unavailable(), or message_opened(), then write it through a
/// MessageWriter made with top_lines, then call message_sent().
struct SendMessage {
    std::uint32_t number; ///< counted from 1, as in the list given to maildrop_opened()
    std::optional<std::uint32_t> top_lines;
};

/// QUIT: delete these for good, then call deletions_committed().
struct CommitDeletions {
    std::vector<std::uint32_t> numbers;
};

/// Close the connection after everything sent before; unlock the maildrop if it was opened.
struct Close {};

using ServerAction = std::variant<Send, StartTls, CheckPassword, AuthBegin, AuthContinue, AuthCancel, OpenMaildrop,
                                  ContinueListing, SendMessage, CommitDeletions, Close>;
using ServerActions = std::vector<ServerAction>;

class ServerSession {
public:
    explicit ServerSession(ServerOptions options);

    /// The greeting. Call it first.
    ServerActions start();
    /// Octets from the client, split anyhow.
    ServerActions feed(std::string_view bytes);

    /// After StartTls. `auth_mechanisms` replaces the list: channel binding exists now.
    ServerActions tls_started(std::vector<std::string> auth_mechanisms);
    ServerActions auth_challenge(std::string_view challenge);
    /// OpenMaildrop follows.
    ServerActions auth_succeeded(std::string identity);
    ServerActions auth_failed(Refusal why);
    ServerActions maildrop_opened(Result<Maildrop, Refusal> maildrop);
    ServerActions continue_listing();
    ServerActions message_opened();
    ServerActions message_sent();
    ServerActions message_unavailable();
    /// False if some could not be removed (RFC 1939 §6).
    ServerActions deletions_committed(bool all);

    /// Ends the connection in any state; nothing is deleted. `text` may begin with a response code.
    ServerActions end(std::string_view text);
    /// timeout() passed without an octet, or whole_time() in all: closed without a word and without deleting (RFC 1939 §3).
    ServerActions timed_out();

    /// How long to wait for the next octets.
    std::chrono::seconds timeout() const;
    /// How long the line of which some octets have come may take from the first of them to the last; nothing between
    /// commands. Octets that drip do not begin it anew.
    std::optional<std::chrono::seconds> whole_time() const;

    /// Lines that have come to their end.
    std::uint64_t ended() const { return ended_; }

    /// False while an answer is outstanding, or after Close.
    bool wants_input() const;

    bool closed() const { return state_ == State::closed; }

    bool tls_active() const { return options_.tls == TlsState::active; }

    /// Who logged in; empty before.
    const std::string& identity() const { return identity_; }

    /// The client said UTF8: messages with UTF-8 headers may be sent as they are (RFC 6856 §2.1).
    bool utf8() const { return utf8_; }

private:
    enum class State : std::uint8_t {
        fresh,
        authorization,
        auth_response,
        transaction,
        awaiting_tls, // the rest wait for the driver
        awaiting_login,
        awaiting_maildrop,
        listing,
        awaiting_message,
        sending_message,
        awaiting_commit,
        closed,
    };

    struct Message {
        MaildropEntry entry;
        bool deleted = false;
    };

    enum class Listing : std::uint8_t { sizes, uids };

    bool awaiting() const { return state_ >= State::awaiting_tls && state_ < State::closed; }

    bool takes_passwords() const;

    bool login_possible() const { return options_.tls == TlsState::active || options_.auth_without_tls; }

    void run();
    bool run_line();
    void handle_line(std::string_view line);
    void handle_auth_line(std::string_view line);
    bool handle_authorization(std::string_view verb, std::string_view argument);
    bool handle_transaction(std::string_view verb, std::string_view argument);

    void capa();
    void user(std::string_view argument);
    void pass(std::string_view argument);
    void auth(std::string_view argument);
    void cancel_auth(std::string_view text);
    void stls();
    void stat();
    void list(std::string_view argument);
    void uidl(std::string_view argument);
    void begin_listing(Listing what, std::string_view first_line);
    std::string uid_text(const Message& message) const;
    void retr(std::string_view argument);
    void top(std::string_view argument);
    void dele(std::string_view argument);
    void rset();
    void quit();

    std::optional<std::uint32_t> find(std::string_view number);
    void refuse_login(Refusal why);

    void act(ServerAction action) { actions_.push_back(std::move(action)); }

    void send(std::string_view bytes);
    void ok(std::string_view text);
    void error(std::string_view text);
    void close_with(std::string_view line);

    ServerActions flush();

    ServerOptions options_;
    State state_ = State::fresh;
    ServerActions actions_;
    lines::LineBuffer input_;
    std::uint64_t ended_ = 0;

    std::string user_;
    std::string identity_;
    bool utf8_ = false;
    UidValidity uid_validity_;
    std::vector<Message> messages_;
    Listing listing_{};          // while listing: of what,
    std::size_t listing_at_ = 0; // and the next message
    SendMessage current_;        // while awaiting_message
    std::size_t errors_ = 0;
    std::size_t auth_failures_ = 0;
    std::size_t auth_steps_ = 0;
    std::size_t commands_before_login_ = 0;
};

} // namespace tegami::pop3
