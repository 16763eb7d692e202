// The commands that do nothing themselves: the news that every command may bring is written by connection.cpp.
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session*, imap::Noop) {
    co_return Completion{};
}

/// RFC 3501 §6.4.1: a checkpoint; every commit here is one already.
async::Awaitable<Completion> run(Session*, imap::Check) {
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::Logout) {
    imap::append_status(session->out(), "", imap::StatusWord::bye, "", "Until next time");
    session->ended = true;
    co_return Completion{};
}

} // namespace tegami::imapd
