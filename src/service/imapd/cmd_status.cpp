// STATUS (RFC 9051 §6.3.11).
#include "service/imapd/commands.h"
#include "service/imapd/status_values.h"

namespace tegami::imapd {

imap::StatusValues status_values(const store::MailboxInfo& mailbox) {
    return {
        .messages = mailbox.messages,
        .recent = mailbox.recent,
        .uid_next = imap::Uid(mailbox.uid_next.value),
        .uid_validity = imap::UidValidity(mailbox.uid_validity.value),
        .unseen = mailbox.unseen,
        .deleted = mailbox.deleted,
        .size = mailbox.size_bytes,
    };
}

async::Awaitable<Completion> run(Session* session, imap::Status command) {
    const store::MailboxPtr mailbox = session->account->mailboxes()->find(command.mailbox.utf8());
    if (!mailbox || !mailbox->selectable) co_return no_mailbox(mailbox, imap::code::kNonexistent);
    imap::append_status_data(session->out(), command.mailbox, command.items, status_values(*mailbox), session->enabled);
    co_return Completion{};
}

} // namespace tegami::imapd
