// RENAME (RFC 9051 §6.3.6). That renaming INBOX moves its messages is the store's doing.
#include "base/assert.h"
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Rename command) {
    const NamedMailbox from = resolve(*session, command.from);
    const NamedMailbox to = resolve(*session, command.to);
    // The store renames within one account.
    ASSERT(from.account == to.account);
    if (!from.mailbox) co_return no(imap::code::kNonexistent, "No such mailbox");
    if (!from.rights.contains(Right::remove) || !to.rights.contains(Right::create)) co_return not_permitted();
    const store::StoreResult<> renamed = co_await from.account->rename_mailbox(from.mailbox->id, to.name);
    if (!renamed) co_return failed(renamed.error(), session->service->log);
    co_return Completion{};
}

} // namespace tegami::imapd
