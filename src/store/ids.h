// The names of what an account holds. All of them are unique within one account only.
#pragma once

#include "base/strong_id.h"
#include "base/uid.h"
#include "base/uid_set.h"
#include "store/types.h"

#include <cstdint>

namespace tegami::store {

/// Never used again within the account. 0 stands for "none" (the parent of a top-level mailbox).
using MailboxId = StrongId<struct MailboxIdTag, std::uint32_t>;
using tegami::Uid;
using tegami::UidRange;
using tegami::UidSet;
using tegami::UidValidity;
/// RFC 7162: the account's version after the commit that last changed a message.
using Modseq = Version;
/// RFC 8474 §4.1: the same for all copies of one message. Limit: an account can hold 2^32 - 1 in all its life.
using EmailId = StrongId<struct EmailIdTag, std::uint64_t>;
/// RFC 8474 §4.2: the EmailId of the first message of the conversation.
using ThreadId = StrongId<struct ThreadIdTag, std::uint64_t>;
using QueueId = StrongId<struct QueueIdTag, std::uint64_t>;

/// What an account keeps beside its mail (account_objects.h). The values are on disk: never renumber.
enum class ObjectKind : std::uint8_t {
    identity = 1,   ///< an address that the account sends as (RFC 8621 §6)
    submission = 2, ///< a letter that it has sent, or will send (RFC 8621 §7)
    share = 3,      ///< an account that shares mailboxes with it (src/sharing)
    share_news = 4, ///< that some mailbox is shared with it, or no more (RFC 9670 §3)
};

/// Of an object, within its kind: the account's version that made it.
using ObjectId = StrongId<struct ObjectIdTag, std::uint64_t>;

} // namespace tegami::store
