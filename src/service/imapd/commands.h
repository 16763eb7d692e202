// The body of every command: one short coroutine each, in the file of its name (cmd_fetch.cpp for FETCH). It does the
// work, writes the untagged data, and returns the tagged answer; connection.cpp does the rest: states, news, tags.
//
// A body never holds anything of the account while it writes to the client.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "service/imapd/completion.h"
#include "service/imapd/session.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Capability command);
async::Awaitable<Completion> run(Session* session, imap::Noop command);
async::Awaitable<Completion> run(Session* session, imap::Logout command);
async::Awaitable<Completion> run(Session* session, imap::Id command);
async::Awaitable<Completion> run(Session* session, imap::StartTls command);
async::Awaitable<Completion> run(Session* session, imap::Authenticate command);
async::Awaitable<Completion> run(Session* session, imap::Login command);
async::Awaitable<Completion> run(Session* session, imap::Enable command);
async::Awaitable<Completion> run(Session* session, imap::Namespace command);
/// Leaves the selected mailbox, if there is one, and says so with [CLOSED] (RFC 9051 §6.3.2).
async::Awaitable<> leave_mailbox(Session* session);
async::Awaitable<Completion> run(Session* session, imap::Select command);
async::Awaitable<Completion> run(Session* session, imap::Examine command);
async::Awaitable<Completion> run(Session* session, imap::Create command);
async::Awaitable<Completion> run(Session* session, imap::Delete command);
async::Awaitable<Completion> run(Session* session, imap::Rename command);
async::Awaitable<Completion> run(Session* session, imap::Subscribe command);
async::Awaitable<Completion> run(Session* session, imap::Unsubscribe command);
async::Awaitable<Completion> run(Session* session, imap::List command);
async::Awaitable<Completion> run(Session* session, imap::Lsub command);
async::Awaitable<Completion> run(Session* session, imap::Status command);
async::Awaitable<Completion> run(Session* session, imap::Append command);
async::Awaitable<Completion> run(Session* session, imap::Idle command);
async::Awaitable<Completion> run(Session* session, imap::Check command);
async::Awaitable<Completion> run(Session* session, imap::Close command);
async::Awaitable<Completion> run(Session* session, imap::Unselect command);
async::Awaitable<Completion> run(Session* session, imap::Expunge command);
async::Awaitable<Completion> run(Session* session, imap::Search command);
async::Awaitable<Completion> run(Session* session, imap::MultiSearch command);
async::Awaitable<Completion> run(Session* session, imap::CancelUpdate command);
async::Awaitable<Completion> run(Session* session, imap::Sort command);
async::Awaitable<Completion> run(Session* session, imap::Thread command);
async::Awaitable<Completion> run(Session* session, imap::Fetch command);
async::Awaitable<Completion> run(Session* session, imap::Store command);
async::Awaitable<Completion> run(Session* session, imap::Copy command);
async::Awaitable<Completion> run(Session* session, imap::Move command);
async::Awaitable<Completion> run(Session* session, imap::SetAcl command);
async::Awaitable<Completion> run(Session* session, imap::DeleteAcl command);
async::Awaitable<Completion> run(Session* session, imap::GetAcl command);
async::Awaitable<Completion> run(Session* session, imap::ListRights command);
async::Awaitable<Completion> run(Session* session, imap::MyRights command);

/// What a session that now knows its account does next; the end of LOGIN and AUTHENTICATE.
async::Awaitable<Completion> log_in(Session* session, directory::Identity identity);
/// Counts and answers a login that failed, after the delay that the directory asks for.
async::Awaitable<Completion> refuse_login(Session* session, directory::LoginFailure failure);

/// The capabilities of the session as it is now.
std::string capabilities(const Session& session);

} // namespace tegami::imapd
