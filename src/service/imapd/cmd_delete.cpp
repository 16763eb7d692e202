// DELETE (RFC 9051 §6.3.5).
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Delete command) {
    const NamedMailbox place = co_await resolve(session, std::move(command.mailbox));
    const store::MailboxPtr mailbox = place.mailbox;
    if (!mailbox) co_return no(imap::code::kNonexistent, "No such mailbox");
    if (!place.rights.has(Right::remove)) co_return not_permitted();
    if (mailbox->role == store::Role::inbox) co_return no(imap::code::kCannot, "INBOX cannot be deleted");
    if (!mailbox->selectable && place.account->mailboxes()->has_children(mailbox->id))
        co_return no(imap::code::kHasChildren, "There are mailboxes below it; delete them first");
    const store::StoreResult<> removed = co_await place.account->remove_mailbox(mailbox->id);
    if (!removed) co_return failed(removed.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
