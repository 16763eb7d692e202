// STATUS (RFC 9051 §6.3.11).
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"
#include "service/imapd/status_values.h"

namespace tegami::imapd {

imap::StatusValues status_values(const store::MailboxInfo& mailbox, std::uint64_t object_base) {
    return {
        .messages = mailbox.messages,
        .recent = mailbox.recent,
        .uid_next = mailbox.uid_next,
        .uid_validity = mailbox.uid_validity,
        .unseen = mailbox.unseen,
        .deleted = mailbox.deleted,
        .size = mailbox.size_bytes,
        .highest_modseq = mailbox.highest_modseq.value,
        .mailbox_id = object_base + mailbox.id.value,
    };
}

async::Awaitable<Completion> run(Session* session, imap::Status command) {
    const Result<NamedMailbox, Completion> found =
        co_await resolve_for(session, command.mailbox, Right::read, std::string(imap::code::kNonexistent));
    if (!found) co_return found.error();
    if (command.items.contains(imap::StatusItem::highest_modseq)) begin_condstore(session);
    imap::append_status_data(session->out(), command.mailbox, command.items,
                             status_values(*found->mailbox, object_base(*session, *found->account)), session->enabled);
    co_return Completion{};
}

} // namespace tegami::imapd
