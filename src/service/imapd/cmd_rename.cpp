// RENAME (RFC 9051 §6.3.6). That renaming INBOX moves its messages is the store's doing.
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Rename command) {
    const NamedMailbox from = co_await resolve(session, std::move(command.from));
    const NamedMailbox to = co_await resolve(session, std::move(command.to));
    if (!from.mailbox) co_return no(imap::code::kNonexistent, "No such mailbox");
    if (!from.rights.has(Right::remove) || (!to.mailbox && !to.rights.has(Right::create))) co_return not_permitted();
    // The store renames within one account, and what INBOX holds is its owner's to move.
    if (from.account != to.account || (!from.is_own && from.mailbox->role == store::Role::inbox))
        co_return no(imap::code::kCannot, "A mailbox stays with its owner");
    const store::StoreResult<> renamed = co_await from.account->rename_mailbox(from.mailbox->id, to.name);
    if (!renamed) co_return failed(renamed.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
