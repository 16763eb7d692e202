// DELETE (RFC 9051 §6.3.5).
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Delete command) {
    const std::shared_ptr<const store::MailboxList> mailboxes = session->account->mailboxes();
    const store::MailboxPtr mailbox = mailboxes->find(command.mailbox.utf8());
    if (!mailbox) co_return no(imap::code::kNonexistent, "No such mailbox");
    if (command.mailbox.is_inbox()) co_return no(imap::code::kCannot, "INBOX cannot be deleted");
    if (!mailbox->selectable && mailboxes->has_children(mailbox->id))
        co_return no(imap::code::kHasChildren, "There are mailboxes below it; delete them first");
    const store::StoreResult<> removed = co_await session->account->remove_mailbox(mailbox->id);
    if (!removed) co_return failed(removed.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
