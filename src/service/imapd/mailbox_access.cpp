#include "service/imapd/mailbox_access.h"

#include "service/imapd/session.h"

namespace tegami::imapd {

NamedMailbox resolve(const Session& session, const imap::MailboxName& name) {
    // Every name is in the user's own account.
    return {.account = session.home,
            .name = name.utf8(),
            .mailbox = session.home->mailboxes()->find(name.utf8()),
            .rights = kAllRights};
}

Result<NamedMailbox, Completion> resolve_for(const Session& session, const imap::MailboxName& name, Right needed,
                                             std::string_view missing_code) {
    NamedMailbox found = resolve(session, name);
    if (!found.mailbox || !found.mailbox->selectable) return failure(no_mailbox(found.mailbox, missing_code));
    if (!found.rights.contains(needed)) return failure(not_permitted());
    return found;
}

Completion not_permitted() {
    return no(imap::code::kNoPermission, "You may not do this here");
}

} // namespace tegami::imapd
