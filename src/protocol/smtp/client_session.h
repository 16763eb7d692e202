// The client's side of SMTP for the relay (RFC 5321): greeting, EHLO or HELO, STARTTLS, AUTH, then any number of
// transactions on one connection. Decides; never reads a socket, a clock or a file.
//
// 1. Every message given to send() ends in exactly one Finished, with one result for every recipient in the order
//    given, also when the connection breaks, the server talks nonsense or says 421 in the middle.
// 2. A recipient is `delivered` only after the server's 2xx to the end of DATA. If the connection breaks after the
//    end was sent and before the answer, the result is temporary and `uncertain`: the message may arrive twice,
//    which is better than not at all (RFC 5321 §4.2.5).
// 3. Nothing is sent before its turn: commands are pipelined only when offered (RFC 2920), STARTTLS never has
//    anything behind it, and octets that arrive in plain text behind the answer to STARTTLS end the connection.
// 4. The remote's words are kept exactly (Reply) beside ours (text).
// 5. What is said before RCPT about the server itself (greeting, EHLO, 421, a lost
//    connection …) is `of_server`; what is said to RCPT, DATA and the message is the domain's word.
// 6. After ClientClose nothing more is returned, whatever is called, except that invariant 1 still holds.
#pragma once

#include "base/result.h"
#include "protocol/smtp/dot_stuffing.h"
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

enum class TlsPolicy : std::uint8_t {
    none,          ///< do not use STARTTLS
    opportunistic, ///< use it when offered; what the driver verifies is its affair
    required,      ///< temporary failure when not offered or refused, whatever else is said before TLS
    active,        ///< the connection is TLS already (port 465)
};

struct ClientCredentials {
    std::string user;
    std::string password;
};

struct ClientOptions {
    /// What EHLO says.
    std::string host_name;
    TlsPolicy tls = TlsPolicy::opportunistic;
    /// Log in (PLAIN, else LOGIN) at a smarthost; only under TLS. A refusal is temporary: a wrong password is an
    /// operator's mistake, and mail waits until it is corrected.
    std::optional<ClientCredentials> credentials;
};

/// One message to pass on.
struct Outgoing {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
    std::vector<message::EmailAddress> recipients;
    /// Octets of the message, for SIZE (RFC 1870 §6.1); 0: not known.
    std::uint64_t size = 0;
    /// The message has octets with the high bit. When 8BITMIME is not offered the driver rewrites the message first
    /// (RFC 6152 §3): the session does not look into messages.
    bool eight_bit = false;
};

/// Where in the dialogue it happened.
enum class Stage : std::uint8_t {
    connect, ///< before the greeting: never said by the session, for the driver's own results
    greeting,
    hello,
    tls,
    auth,
    mail,
    rcpt,
    data, ///< the DATA command
    body, ///< the message and the answer to its end
    quit,
};

/// "RCPT TO" and so on, for plain-language reports.
std::string_view to_string(Stage stage);

enum class Outcome : std::uint8_t { delivered, temporary, permanent };

struct DeliveryResult {
    Outcome outcome = Outcome::temporary;
    Stage stage = Stage::connect;
    /// What the remote said; nothing if it said nothing (disconnect, time-out, our own decision).
    std::optional<Reply> reply;
    /// What we say about it, in plain words behind the server's name: "did not answer in time".
    std::string text;
    /// The status for a DSN (RFC 3464 §2.3.4): the remote's, or ours.
    EnhancedStatus status;
    /// The end of the message was sent but never answered: it may have been accepted.
    bool uncertain = false;
    /// This server speaks of itself: another one of the domain may take the message (RFC 5321 §5.1). Otherwise it
    /// speaks for the domain, about the message, its sender or a recipient.
    bool of_server = false;
};

/// Write these octets.
struct ClientSend {
    std::string bytes;
};

/// Start TLS as client, then call tls_started() or tls_failed().
struct ClientStartTls {};

/// A message may be given to send(), or quit() called. Comes after Finished too, when the connection can be used again.
struct Ready {};

/// Give the message's octets to body(), then body_end().
struct WantBody {};

/// The results of the message given to send(), in the order of its recipients.
struct Finished {
    std::vector<DeliveryResult> results;
};

/// The connection cannot be used (greeting, EHLO, STARTTLS or AUTH failed, or it broke between messages): no
/// message was under way. ClientClose follows.
struct Unusable {
    DeliveryResult reason;
};

/// Close the connection after everything sent before.
struct ClientClose {};

using ClientAction = std::variant<ClientSend, ClientStartTls, Ready, WantBody, Finished, Unusable, ClientClose>;
using ClientActions = std::vector<ClientAction>;

/// What EHLO offered.
struct Capabilities {
    bool esmtp = false;
    bool starttls = false;
    bool pipelining = false;
    bool eight_bit_mime = false;
    bool smtputf8 = false;
    bool size = false;
    /// 0: no fixed limit.
    std::uint64_t size_max = 0;
    bool auth_plain = false;
    bool auth_login = false;
};

class ClientSession {
public:
    explicit ClientSession(ClientOptions options);

    /// Octets from the server, split anyhow. The first are its greeting.
    ClientActions feed(std::string_view bytes);
    ClientActions tls_started();
    /// The handshake or the check of the certificate failed.
    ClientActions tls_failed(std::string_view why);
    /// Begins a transaction; only when ready() and with at least one recipient.
    ClientActions send(Outgoing message);
    /// More of the message; only after WantBody. Any split. Octets given after the server broke off are ignored.
    ClientActions body(std::string_view bytes);
    ClientActions body_end();
    /// The message cannot be read to its end: the connection is closed without ending DATA, so that the server
    /// drops what it has (RFC 5321 §4.1.1.4). `lost`: it never can be read, and results are permanent.
    ClientActions body_failed(std::string_view why, bool lost);
    /// Says QUIT; ClientClose follows the answer. Only when ready().
    ClientActions quit();
    /// The connection is gone.
    ClientActions disconnected(std::string_view why);
    /// timeout() passed without a reply.
    ClientActions timed_out();

    /// How long to wait for the server's next reply in this state (RFC 5321 §4.5.3.2), from its being due to its end:
    /// octets that drip do not begin it anew.
    std::chrono::seconds timeout() const;

    /// Replies that have been read.
    std::uint64_t replies() const { return replies_; }

    bool ready() const { return state_ == State::ready; }

    bool closed() const { return state_ == State::closed; }

    bool tls_active() const { return tls_active_; }

    /// What was sent last is part of a login: nobody else may see it.
    bool is_logging_in() const { return state_ == State::auth; }

    const Capabilities& capabilities() const { return capabilities_; }

private:
    enum class State : std::uint8_t {
        greeting,
        ehlo,
        helo,
        starttls,
        handshake,
        auth,
        ready,
        mail, // the answer to MAIL is next; RCPT and DATA may be on their way too
        rcpt,
        data,
        body,     // the driver gives octets
        body_end, // "." sent
        reset,
        quit,
        closed,
    };

    void handle(const Reply& reply);
    void handle_greeting(const Reply& reply);
    void handle_ehlo(const Reply& reply);
    void handle_helo(const Reply& reply);
    void handle_starttls(const Reply& reply);
    void handle_auth(const Reply& reply);
    void handle_mail(const Reply& reply);
    void handle_rcpt(const Reply& reply);
    void handle_data(const Reply& reply);
    void handle_body_end(const Reply& reply);

    void read_capabilities(const Reply& reply);
    void after_hello();
    void begin_auth();
    void become_ready();

    bool needs_smtputf8(const message::EmailAddress& recipient) const;
    void decide_without_asking();
    std::string mail_command() const;
    void send_commands();
    void recipients_answered();
    void finish();
    void reset();

    DeliveryResult result_of(const Reply& reply) const;
    DeliveryResult own_result(Outcome outcome, EnhancedStatus status, std::string_view text) const;
    DeliveryResult own_fault(Outcome outcome, EnhancedStatus status, std::string_view text) const;
    void decide_all(const DeliveryResult& result);
    void broke(DeliveryResult why);
    void out_of_step(const Reply& reply);
    Stage stage() const;
    void write(std::string_view line);

    void act(ClientAction action) { actions_.push_back(std::move(action)); }

    void close();
    ClientActions flush();

    ClientOptions options_;
    State state_ = State::greeting;
    ClientActions actions_;
    ReplyReader reader_;
    std::uint64_t replies_ = 0;
    Capabilities capabilities_;
    bool tls_active_ = false;
    bool tls_begun_ = false; ///< the handshake is done on our side, and the server has said nothing under it
    bool auth_is_plain_ = false;
    int auth_challenges_ = 0;

    // The transaction under way.
    Outgoing message_;
    std::vector<std::optional<DeliveryResult>> results_; // by recipient; nothing while undecided
    std::vector<std::size_t> asked_;                     // indices of the recipients that RCPT names, in order
    std::size_t sent_ = 0;                               // of asked_
    std::size_t answered_ = 0;                           // of asked_
    bool mail_accepted_ = false;
    bool data_sent_ = false;
    bool finished_ = true;
    DotStuffingEncoder encoder_;
};

} // namespace tegami::smtp
