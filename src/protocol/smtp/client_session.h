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

#include "protocol/smtp/client_dialogue.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace tegami::smtp {

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

    bool ready() const { return dialogue_.state == ClientState::ready; }

    bool closed() const { return dialogue_.state == ClientState::closed; }

    bool tls_active() const { return dialogue_.tls_active; }

    /// What was sent last is part of a login: nobody else may see it.
    bool is_logging_in() const { return dialogue_.state == ClientState::auth; }

    const Capabilities& capabilities() const { return dialogue_.capabilities; }

private:
    /// Nothing more comes from the server.
    ClientActions lost(std::string_view why);

    ClientActions go_on() { return dialogue_.actions.take(); }

    ReplyReader reader_;
    std::uint64_t replies_ = 0;
    ClientDialogue dialogue_;
};

} // namespace tegami::smtp
