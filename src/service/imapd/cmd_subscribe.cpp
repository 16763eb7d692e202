// SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8): of names, whether or not there is such a mailbox.
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Subscribe command) {
    const store::StoreResult<> done = co_await session->home->subscribe(command.mailbox.utf8());
    if (!done) co_return failed(done.error(), session->service->log);
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::Unsubscribe command) {
    const store::StoreResult<> done = co_await session->home->unsubscribe(command.mailbox.utf8());
    if (!done) co_return failed(done.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
