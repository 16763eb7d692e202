// What the queue holds: messages, their items, and recipients.
#pragma once

#include "base/clock.h"
#include "message/address.h"
#include "store/ids.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::store {

/// The values are on disk: never renumber. An item keeps only recipients that something is still to happen for, so
/// `delivered` and `reported` are never written: conclude() drops such recipients.
enum class RecipientState : std::uint8_t {
    pending = 0,   ///< not tried yet
    deferred = 1,  ///< tried, to be tried again
    delivered = 2, ///< the next server, or the mailbox, has it
    failed = 3,    ///< given up; the sender is still to be told
    reported = 4,  ///< given up, and the sender is told in the same commit (or cannot be told)
};

/// By somebody who manages the server: nothing is tried until it is released.
struct QueueHold {
    Timestamp since{};
    std::string by;
    std::string reason; ///< for people; may be empty

    bool operator==(const QueueHold&) const = default;
};

struct QueueRecipient {
    message::EmailAddress address;
    std::string detail;      ///< of an account's recipient: what followed the separator in `user+detail`
    std::string original;    ///< ORCPT of RFC 3461 §4.2 as received, or empty
    std::uint8_t notify = 0; ///< RFC 3461 §4.1: bits 1 never, 2 success, 4 failure, 8 delay; 0 is not given
    RecipientState state = RecipientState::pending;
    std::uint32_t attempts = 0;
    Timestamp last_attempt{};
    std::string last_server;            ///< who gave last_reply
    std::string last_reply;             ///< the other side's words, or our own reason
    std::optional<QueueHold> hold = {}; ///< of one that is pending or deferred

    bool is_waiting() const { return state == RecipientState::pending || state == RecipientState::deferred; }

    bool operator==(const QueueRecipient&) const = default;
};

/// One of our accounts, or the mail domain (or address literal) of other servers.
using QueueDestination = std::variant<AccountId, message::Domain>;

struct QueueItemId {
    QueueId message;
    std::uint32_t number = 0;
    auto operator<=>(const QueueItemId&) const = default;
};

/// What one destination is to get of a message.
struct QueueItem {
    QueueItemId id; ///< given by add()
    QueueDestination destination;
    /// All at the same mail domain; one alone if the destination is an account.
    std::vector<QueueRecipient> recipients;
    Timestamp next_due{};
    std::uint32_t attempts = 0;
    std::uint32_t delay_reports = 0; ///< delay warnings sent
    std::uint32_t revision = 0;      ///< counts conclusions; kept by the queue

    /// Nothing is to happen before a release: it has no index records.
    bool is_on_hold() const {
        return std::ranges::all_of(recipients, [](const QueueRecipient& each) { return each.hold.has_value(); });
    }

    bool operator==(const QueueItem&) const = default;
};

/// The head: what all items of a message share.
struct QueueMessage {
    QueueId id;                                        ///< given by add()
    std::optional<message::EmailAddress> reverse_path; ///< nothing for <>
    BlobRef blob;
    std::uint64_t content_from = 0; ///< octets at the front of the blob for final delivery only (Return-Path)
    std::string prefix;             ///< octets to put in front of the content when it is relayed
    Timestamp created{};
    Timestamp expires{};
    std::optional<Timestamp> held_until = {}; ///< it waits for this moment, or has waited until then
    bool released = false;                    ///< it has: kept by the queue
    bool eight_bit = false;                   ///< header or body has octets with the high bit
    bool junk = false;                        ///< local copies go to Junk
    bool passed_on = false; ///< leaves with a return path of ours, which stands for the reverse-path (SRS)
    bool tls_optional =
        false;                ///< a report about TLS: goes out though the policy of its domain is not met (RFC 8460 §3)
    bool return_full = false; ///< RET=FULL of RFC 3461 §4.3
    std::string envelope_id;  ///< ENVID of RFC 3461 §4.4
    std::string submitter;    ///< who logged in to send it, or empty
    std::string origin;       ///< the client that gave it to us, for reports
    std::string journey;      ///< journey id
    std::uint32_t items = 0;  ///< items that have not ended; kept by the queue

    bool is_held() const { return held_until && !released; }

    /// Since when it could be on its way.
    Timestamp waits_since() const { return held_until.value_or(created); }

    bool operator==(const QueueMessage&) const = default;
};

/// A message with its items: what add() takes, and what get() and list() show.
struct QueuedMessage {
    QueueMessage message;
    std::vector<QueueItem> items;

    bool operator==(const QueuedMessage&) const = default;
};

/// An item that is to be worked on.
struct DueItem {
    QueueMessage message;
    QueueItem item;
};

/// Limit: recipients of an item; RFC 5321 §4.5.3.1.8 asks for at least 100 in a transaction. More at the same domain
/// are further items.
inline constexpr std::size_t kItemRecipientsMax = 100;
/// Limit: items of a message.
inline constexpr std::size_t kQueueItemsMax = 10'000;
/// Limit: octets of each text of a record; longer ones are cut.
inline constexpr std::size_t kQueueTextBytesMax = 2000;
/// Limit: octets of a prefix; a longer one is refused.
inline constexpr std::size_t kQueuePrefixBytesMax = 16 * 1024;
/// Limit: destinations on hold.
inline constexpr std::size_t kHeldDestinationsMax = 1000;
/// Limit: messages that one call of list() returns.
inline constexpr std::size_t kQueuePageMax = 100;

/// One item for the account.
QueueItem local_item(AccountId account, QueueRecipient recipient, Timestamp due);
/// Items for other servers: the recipients by domain, in order, at most kItemRecipientsMax each.
std::vector<QueueItem> remote_items(std::vector<QueueRecipient> recipients, Timestamp due);

} // namespace tegami::store
