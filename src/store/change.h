// What a commit changed, for everybody who listens: IDLE, NOTIFY, push, and the pictures that sessions keep.
#pragma once

#include "async/channel.h"
#include "store/mailbox_list.h"
#include "store/mailbox_view.h"

#include <memory>
#include <set>
#include <vector>

namespace tegami::store {

/// What one commit did to one mailbox. UIDs are in at most one of the three sets.
struct MailboxChange {
    MailboxId mailbox;
    UidSet appended;
    UidSet changed; ///< flags, keywords or both: what they are now is in `view`
    UidSet marked;  ///< of `changed`, those whose \Deleted came or went
    UidSet expunged;
    /// It was made, renamed, removed, subscribed to or unsubscribed from.
    bool mailbox_itself = false;
    /// As it is after the commit: name and counts. Null if the mailbox was removed.
    MailboxPtr info;
    /// The messages after the commit; null while nobody has the mailbox open.
    ViewPtr view;
};

/// What one commit did to the account.
struct Change {
    Version version;
    std::vector<MailboxChange> mailboxes;
    /// Mailboxes or subscribed names came, went or changed their names.
    bool mailbox_list = false;
    std::set<ObjectKind> objects; ///< kinds of which some came, changed or went
    /// Anything may have changed: take the present list and views and compare, as after the channel's resync.
    bool everything = false;

    /// What happened to one mailbox; null if nothing did.
    const MailboxChange* find(MailboxId mailbox) const;
};

using ChangePtr = std::shared_ptr<const Change>;

/// Changes in the order of their versions. On `resync` some were lost: take the present view and compare.
/// Destroying the pointer ends the listening.
using Listener = async::Channel<ChangePtr>;
using ListenerPtr = std::shared_ptr<Listener>;

/// Limit: changes that wait for one listener; beyond it is told to resync.
inline constexpr std::size_t kChangesWaitingMax = 256;

} // namespace tegami::store
