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

#include "protocol/smtp/server_dialogue.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::smtp {

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
    std::uint64_t ended() const { return dialogue_.ended; }

    /// False while an answer is outstanding, or after Close.
    bool wants_input() const;

    bool closed() const { return dialogue_.replies.closed(); }

    /// The transaction under way; recipients are the accepted ones.
    const Envelope& envelope() const { return dialogue_.transaction.envelope; }

    /// What EHLO or HELO said; empty before.
    const std::string& helo_name() const { return dialogue_.helo_name; }

    bool tls_active() const { return dialogue_.tls_active(); }

    /// For "with" in Received: SMTP, ESMTP, ESMTPSA, UTF8SMTPS … (RFC 3848, RFC 6531 §4.3).
    std::string_view transmission_type() const;

private:
    ServerActions go_on();

    ServerDialogue dialogue_;
};

/// 535 5.7.8: the same words for an unknown user and a wrong password (RFC 4954 §6).
Reply auth_refused();

} // namespace tegami::smtp
