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

/// What FETCH lines that nobody asked for hold beside what the session's extensions want in them.
struct FlagLines {
    bool flags = true;
    bool uids = false;
};

/// Writes FETCH lines about the messages that are still there; with UID and MODSEQ once the session knows mod-sequences
/// (RFC 7162 §3.2.4).
async::Awaitable<> write_flags(Session* session, std::vector<NumberedUid> messages, FlagLines lines);

} // namespace tegami::imapd
