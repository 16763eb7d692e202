// RENAME (RFC 9051 §6.3.6). That renaming INBOX moves its messages is the store's doing.
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Rename command) {
    const store::MailboxPtr mailbox = session->account->mailboxes()->find(command.from.utf8());
    if (!mailbox) co_return no(imap::code::kNonexistent, "No such mailbox");
    const store::StoreResult<> renamed = co_await session->account->rename_mailbox(mailbox->id, command.to.utf8());
    if (!renamed) co_return failed(renamed.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
