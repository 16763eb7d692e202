// Which mailboxes have changed since a state (RFC 8621 §2.2).
#pragma once

#include "async/awaitable.h"
#include "store/account_changes.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace tegami::jmapd {

struct MailboxChangesSince {
    store::ChangedIds<store::MailboxId> mailboxes;
    bool only_counts = false; ///< of those that were updated
    store::Version version;   ///< to which they lead
    bool more = false;        ///< others follow behind it
};

/// At most `count_max` of them, up to the view. Nothing if that is not known: the state is none of ours, or too old, or one
/// commit alone changed more.
async::Awaitable<store::StoreResult<std::optional<MailboxChangesSince>>>
mailbox_changes_since(store::AccountPtr account, store::AccountViewPtr view, store::Version since,
                      std::size_t count_max);

} // namespace tegami::jmapd
