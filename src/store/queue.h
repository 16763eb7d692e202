// The queue: messages that still have somewhere to go, in the engine domain q/<shard>. docs/formats/queue.md.
//
// A message is one head (QueueMessage) and one item for each of its destinations (QueueItem): a mail domain, or one
// account of ours. An item has its own due time and attempts, so a destination that does not answer delays no other.
//
// 1. add() returns when head, items and the message's octets would survive a power cut.
// 2. An item is due at one moment; whoever works on it keeps in memory that he does, so that after a crash it is simply
//    due again. Working on it twice is harmless for accounts: their deliveries carry delivery_tag().
// 3. The last item to end takes the head and its hold on the octets with it, in the same commit.
// 4. A change asserts what it was made from. One that another has overtaken is made
//    again; an item that somebody else has concluded meanwhile is left as it is.
// 5. The outcome of a commit may be unknown (`unavailable`): conclude() may then be called again with the
//    same items; if the first call did arrive, the second answers not_found or conflict and changes nothing.
// It does not decide when to retry: relay/ plans, and writes its plan here.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "message/address.h"
#include "store/engine/engine.h"
#include "store/ids.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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

struct QueueRecipient {
    message::EmailAddress address;
    std::string detail;      ///< of an account's recipient: what followed the separator in `user+detail`
    std::string original;    ///< ORCPT of RFC 3461 §4.2 as received, or empty
    std::uint8_t notify = 0; ///< RFC 3461 §4.1: bits 1 never, 2 success, 4 failure, 8 delay; 0 is not given
    RecipientState state = RecipientState::pending;
    std::uint32_t attempts = 0;
    Timestamp last_attempt{};
    std::string last_server; ///< who gave last_reply
    std::string last_reply;  ///< the other side's words, or our own reason

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
    bool body_8bit = false;
    bool smtputf8 = false;
    bool return_full = false; ///< RET=FULL of RFC 3461 §4.3
    std::string envelope_id;  ///< ENVID of RFC 3461 §4.4
    std::string submitter;    ///< who logged in to send it, or empty
    std::string origin;       ///< the client that gave it to us, for reports
    std::string journey;      ///< journey id
    std::uint32_t items = 0;  ///< items that have not ended; kept by the queue

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
/// Limit: messages that one call of list() returns.
inline constexpr std::size_t kQueuePageMax = 100;

/// One item for the account.
QueueItem local_item(AccountId account, QueueRecipient recipient, Timestamp due);
/// Items for other servers: the recipients by domain, in order, at most kItemRecipientsMax each.
std::vector<QueueItem> remote_items(std::vector<QueueRecipient> recipients, Timestamp due);

struct QueuePage {
    std::vector<QueuedMessage> messages;
    bool more = false;
};

class Queue {
public:
    /// Engine and clock outlive it. One Queue object per shard and process. From any thread.
    Queue(Engine* engine, Clock* clock, std::uint64_t shard = 0);

    /// Durable on return. Errors: invalid, no_space, unavailable.
    async::Awaitable<StoreResult<QueueId>> add(QueuedMessage message);

    /// Destinations at which something has come due by `now` since the last call, each once;
    /// at most `count_max` (the others are found by the next call). Items due after `latest`
    /// count as due: nobody plans so far ahead, so the clock was wrong when that was planned,
    /// or is now. How much waits at one destination makes it neither slower nor dearer.
    async::Awaitable<StoreResult<std::set<QueueDestination>>> due_destinations(Timestamp now, std::size_t count_max,
                                                                               std::optional<Timestamp> latest = {});
    /// Items of one destination that are due but not those of `except` (which outlives the call), the longest due
    /// first. What leaves `except` without having been concluded is found again after look_again().
    async::Awaitable<StoreResult<std::vector<DueItem>>> due_items(QueueDestination destination, Timestamp now,
                                                                  std::size_t count_max,
                                                                  const std::set<QueueItemId>* except,
                                                                  std::optional<Timestamp> latest = {});
    /// Items of this destination may have to be found a second time.
    void look_again(const QueueDestination& destination);
    /// When the first item after `now` is due; nothing if there is none.
    async::Awaitable<StoreResult<std::optional<Timestamp>>> next_due(Timestamp now);

    /// Writes what became of these items of one message: their due time, attempts and recipients. Recipients that are
    /// delivered or reported are dropped; an item without others ends. With `report`, the bounce about the reported
    /// ones, all is one commit: after a crash all of it is there or nothing. Returns the report's id. Errors: not_found
    /// (all of them ended or were concluded by somebody else); with a report also conflict (that goes for one of them)
    /// and invalid (more than one engine batch holds); no_space, unavailable.
    async::Awaitable<StoreResult<std::optional<QueueId>>> conclude(std::vector<QueueItem> items,
                                                                   std::optional<QueuedMessage> report = {});

    /// Errors: not_found, damaged.
    async::Awaitable<StoreResult<QueuedMessage>> get(QueueId id);
    /// In order of ids, those above `after`; at most kQueuePageMax.
    async::Awaitable<StoreResult<QueuePage>> list(QueueId after, std::size_t count_max);
    /// Makes all items of the message due now. Errors: not_found.
    async::Awaitable<StoreResult<>> retry(QueueId id);
    /// Removes the message and its hold on the octets; no error if it is gone already.
    async::Awaitable<StoreResult<>> remove(QueueId id);

    /// Names the delivery to an account for Account::append.
    std::string delivery_tag(QueueItemId id) const;

private:
    struct Changes;

    QueueId fresh_id();
    Batch new_batch() const;
    void add_message(Batch& batch, const QueuedMessage& message) const;
    async::Awaitable<StoreResult<std::vector<QueueItem>>> items_of(QueueId id);
    async::Awaitable<StoreResult<std::size_t>> add_in_parts(const QueuedMessage* message);
    async::Awaitable<StoreResult<>> find_due(std::string begin, std::string end, std::size_t count_max,
                                             std::set<QueueDestination>* found);
    async::Awaitable<StoreResult<std::string>> find_items(std::string begin, std::string end, std::size_t count_max,
                                                          const std::set<QueueItemId>* except,
                                                          std::vector<DueItem>* found);
    async::Awaitable<StoreResult<std::optional<DueItem>>> read_due(std::string key);
    async::Awaitable<StoreResult<std::optional<QueueId>>> conclude_at_once(std::vector<QueueItem> items,
                                                                           std::optional<QueuedMessage> report);
    async::Awaitable<StoreResult<>> read_changes(const std::vector<QueueItem>* items, Changes* changes);
    async::Awaitable<StoreResult<>> retry_item(QueueItemId id, Timestamp due);
    void became_due(const QueueItem& item);
    void became_due(const std::vector<QueueItem>& items);
    void look_again_from(std::string key);
    std::string begin_search(const QueueDestination& destination, const std::string& end);
    void end_search(const QueueDestination& destination, std::string next);

    Engine* engine_;
    Clock* clock_;
    Domain domain_;
    std::atomic<std::uint64_t> last_id_ = 0;
    std::mutex mutex_;
    std::string seen_{"D"}; ///< due_destinations() has told of the D records before this key; under mutex_
    /// All T records of the destination before this key are being worked on, or leftovers. What was deleted lies there,
    /// too: an engine takes time to step over it. Under mutex_.
    std::map<QueueDestination, std::string> begun_;
};

} // namespace tegami::store
