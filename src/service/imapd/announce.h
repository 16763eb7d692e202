// Telling the client what happened to the selected mailbox.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/types.h"
#include "service/imapd/session_view.h"

namespace tegami::imapd {

struct Session;

/// Learns what the store has changed in the selected mailbox. A session that cannot follow says BYE and ends.
async::Awaitable<> take_news(Session* session);

/// Learns the news and writes as much of it as the moment allows
/// (RFC 9051 §7.5.1). Does nothing without a selected mailbox.
async::Awaitable<> announce(Session* session, Moment moment);

/// Writes FLAGS again if these flags hold keywords that the client has not been told of (RFC 9051 §7.3.5); for use
/// before a FETCH line with them.
async::Awaitable<> introduce_keywords(Session* session, imap::FlagList flags);

/// Writes FETCH lines with the flags of the messages that are still there, and with their UIDs, if they are wanted.
async::Awaitable<> write_flags(Session* session, std::vector<NumberedUid> messages, bool with_uids);

} // namespace tegami::imapd
