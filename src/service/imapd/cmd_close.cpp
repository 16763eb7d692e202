// CLOSE and UNSELECT (RFC 9051 §6.4.1, §6.4.2).
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Close) {
    // RFC 4314 §4: without the right CLOSE removes nothing, and says nothing of it.
    const bool keeps = session->selected->read_only() || !session->selected->rights().has(store::Right::expunge);
    const store::AccountPtr account = session->selected->account().shared_from_this();
    const store::MailboxId mailbox = session->selected->id();
    co_await session->deselect();
    if (keeps) co_return Completion{};
    const store::StoreResult<store::ExpungeResult> expunged = co_await account->expunge(mailbox, UidSet::all());
    // A mailbox that was deleted elsewhere has nothing left to remove.
    if (!expunged && expunged.error().code != store::ErrorCode::not_found)
        co_return failed(expunged.error(), session->service->log);
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::Unselect) {
    co_await session->deselect();
    co_return Completion{};
}

} // namespace tegami::imapd
