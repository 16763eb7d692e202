#include "service/imapd/commands.h"

namespace tegami::imapd {

/// RFC 9051 §6.2.1: the handshake follows the tagged OK; connection.cpp does it.
async::Awaitable<Completion> run(Session* session, imap::StartTls) {
    if (session->stream->is_secure()) co_return bad("TLS is on already");
    if (!session->can_start_tls()) co_return bad("This port has no STARTTLS");
    session->start_tls_next = true;
    co_return Completion{.text = "Begin TLS now"};
}

} // namespace tegami::imapd
