// What is to become of a message, decided before anything is done. Pure: no store, no clock, no directory in reach.
//
// 1. However many recipients lead to an account, it gets one copy; an address elsewhere gets one too.
// 2. Every recipient has one outcome: refused now, or taken; then its copies are in the plan.
// Delivery::carry_out does what it says.
#pragma once

#include "reception/reception.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::delivery {

/// Why a message could not be taken; smtpd/ words it as a reply.
struct Refusal {
    bool permanent = false;
    std::string status; ///< enhanced status (RFC 3463)
    std::string text;   ///< plain words

    bool operator==(const Refusal&) const = default;
};

using Outcome = Result<void, Refusal>;

/// Limit: copies of one message, behind all aliases of its recipients (store::kQueueItemsMax).
inline constexpr std::size_t kCopiesMax = 10'000;

/// A copy in a mailbox here.
struct Placement {
    directory::LocalRecipient to;
    /// The mailbox of this role; if there is none, the copy goes to INBOX.
    store::Role folder = store::Role::inbox;
    message::EmailAddress original; ///< the recipient as the client named it, before aliases

    bool operator==(const Placement&) const = default;
};

/// A copy for an address elsewhere: it goes through the queue.
struct Forward {
    message::EmailAddress to;
    message::EmailAddress original;

    bool operator==(const Forward&) const = default;
};

struct Plan {
    std::vector<Placement> placements; ///< one for each account
    std::vector<Forward> forwards;
    bool for_server = false; ///< the server itself reads it (server_mail.h)
    /// Of each recipient, in order: why it is refused. Nothing of a refused one is among the copies.
    std::vector<std::optional<Refusal>> refusals;

    /// One account alone is one commit; everything else needs the queue to be whole after a crash.
    bool is_one_commit() const { return placements.size() == 1 && forwards.empty(); }

    /// The first reason to refuse a recipient, or nullptr.
    const Refusal* refusal() const;

    bool operator==(const Plan&) const = default;
};

/// `folder` is where copies in accounts go.
Plan make_plan(const std::vector<reception::AcceptedRecipient>& recipients, store::Role folder = store::Role::inbox);

} // namespace tegami::delivery
