// What has changed in an account between two of its versions, as JMAP's /changes tell it (RFC 8620 §5.2, RFC 8621).
//
// It follows from the change log, which names mailboxes and UIDs: who has a UID now says the mailbox's view, who had it,
// the record of expunged messages, and what an email or a mailbox was then is found by going back from what it is now.
#pragma once

#include "store/account_view.h"

#include <optional>
#include <vector>

namespace tegami::store {

/// Each rising; an id is in one of them. What came and went in between is in none.
template <class Id>
struct ChangedIds {
    std::vector<Id> created;
    std::vector<Id> updated;
    std::vector<Id> destroyed;
};

struct AccountChanges {
    /// An email is there as long as one of its messages is visible (account_view.h). One that was expunged and brought
    /// back is created.
    ChangedIds<EmailId> emails;
    /// Those to which emails came or from which they went.
    ChangedIds<ThreadId> threads;
    /// Also those whose counts may have changed because of an email elsewhere in one of their threads.
    ChangedIds<MailboxId> mailboxes;
    /// Of all mailboxes updated, nothing but the counts changed.
    bool only_counts = true;
};

/// Limit: changes of messages that are looked at; whoever has missed more looks at everything.
inline constexpr std::size_t kChangesReadMax = 1'000'000;

/// What changed of what the view shows after `since` and up to `until`, which is not above the view's version; of a part (access.h)
/// whoever asks sees to it that both are versions of the part that the view is (MailboxList::part()). Nothing if that is not known: the
/// log does not reach back so far, is damaged or has too many changes (kChangesReadMax), or there was no such version.
async::Awaitable<StoreResult<std::optional<AccountChanges>>> changes_between(AccountPtr account, AccountViewPtr view,
                                                                             Version since, Version until);

} // namespace tegami::store
