// Telling the client what happened to the selected mailbox.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/session_view.h"

namespace tegami::imapd {

struct Session;

/// Learns the news and writes as much of it as the moment allows (RFC 9051 §7.5.1). Does nothing without a selected
/// mailbox.
async::Awaitable<> announce(Session* session, imap::Moment moment);

/// Writes FLAGS again if these flags hold keywords that the client has not been told of (RFC 9051 §7.3.5); for use
/// before a FETCH line with them.
void introduce_keywords(Session* session, const imap::FlagList& flags);

} // namespace tegami::imapd
