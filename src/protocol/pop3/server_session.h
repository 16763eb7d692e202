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
#include "protocol/pop3/server_dialogue.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::pop3 {

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
    std::uint64_t ended() const { return dialogue_.ended; }

    /// False while an answer is outstanding, or after Close.
    bool wants_input() const;

    bool closed() const { return dialogue_.replies.closed(); }

    bool tls_active() const { return dialogue_.options.tls == TlsState::active; }

    /// Who logged in; empty before.
    const std::string& identity() const { return dialogue_.identity; }

    /// The client said UTF8: messages with UTF-8 headers may be sent as they are (RFC 6856 §2.1).
    bool utf8() const { return dialogue_.utf8; }

private:
    ServerActions go_on();
    void refuse_login(Refusal why);

    ServerDialogue dialogue_;
};

} // namespace tegami::pop3
