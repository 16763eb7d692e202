// Changing emails as JMAP does (RFC 8621 §4.6): each in all of its messages at once, whole or not at all, many of them in
// few commits. What an email is says account_view.h.
#pragma once

#include "store/account.h"

#include <string>
#include <vector>

namespace tegami::store {

/// What is to change of an email. Its messages with \Deleted are left alone, unless it is destroyed.
struct EmailUpdate {
    EmailId email;
    Flags add{}; ///< flags that all of its messages are to have; not \Deleted
    Flags remove{};
    std::vector<std::string> add_keywords{};
    std::vector<std::string> remove_keywords{};
    /// Mailboxes that it comes into: a message with the flags and keywords of the email, if it is not there yet.
    std::vector<MailboxId> into{};
    /// Mailboxes that it leaves. The messages that stay get the flags and keywords that the email has, so that it loses none.
    std::vector<MailboxId> out_of{};
    /// All of its messages go, those with \Deleted, too. Nothing else is looked at.
    bool destroy = false;
};

/// As `writer` sees the account (view_account()): messages that it may not read stay as they are. Whether it may change the
/// others is the caller's to find out.
/// For each update what became of it; where nothing had to change, nothing is written. No email is there twice. Errors of
/// one: not_found (the email, a mailbox), conflict (no mailbox would be left), invalid (a keyword, a limit), over_quota;
/// those of commits are of all that they were to hold. Others see each email as it was, or as it is to be.
async::Awaitable<std::vector<StoreResult<>>> update_emails(AccountPtr account, AccountId writer,
                                                           std::vector<EmailUpdate> updates);

} // namespace tegami::store
