// What CONDSTORE and QRESYNC (RFC 7162) have to find out about a mailbox: what changed, and what went, since a client was
// here.
//
// 1. A mod-sequence is the account's version; the one that is told is never above what the client has been told of.
// 2. Where the change log does not say what went, every UID that is no message counts as gone: that is always true.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "service/imapd/session.h"

namespace tegami::imapd {

/// The client knows mod-sequences from now on. The first time, it is told that of the selected mailbox (RFC 7162 §3.1).
void begin_condstore(Session* session);

/// The HIGHESTMODSEQ of the selected mailbox as far as the client has been told of it.
store::Modseq told_modseq(const Session& session);

/// The messages of the view that changed after `since`.
async::Awaitable<UidSet> changed_since(store::ViewPtr view, store::Modseq since);

/// Writes VANISHED (EARLIER) lines for those of the UIDs whose messages went after `since`.
async::Awaitable<store::StoreResult<>> write_vanished(Session* session, UidSet among, store::Modseq since);

/// After the lines of SELECT: what the client has missed (RFC 7162 §3.2.5).
async::Awaitable<store::StoreResult<>> resynchronize(Session* session, imap::QuickResync known);

} // namespace tegami::imapd
