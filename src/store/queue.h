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
// 5. The outcome of a commit may be `unknown`: conclude() may then be called again with the
//    same items; if the first call did arrive, the second answers not_found or conflict and changes nothing.
// 6. A message may be held: nobody finds its items before its moment. Whether it is released or cancelled is one commit,
//    which its head decides: what was cancelled did not leave, what was released cannot be cancelled.
// 7. Recipients and destinations may be on hold (queue_holds.h): due_items() leaves them out.
// It does not decide when to retry: relay/ plans, and writes its plan here.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/engine/engine.h"
#include "store/ids.h"
#include "store/queue_holds.h"
#include "store/queue_items.h"
#include "store/queue_search.h"

#include <atomic>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::store {

struct QueuePage {
    std::vector<QueuedMessage> messages;
    bool more = false;
};

struct QueueDepth {
    std::uint64_t messages = 0;
    std::optional<Timestamp> oldest;
};

class Queue {
public:
    /// Engine and clock outlive it. One Queue object per shard and process. From any thread.
    Queue(Engine* engine, Clock* clock, std::uint64_t shard = 0);

    /// Durable on return. Errors: invalid, no_space, unavailable, unknown (it may be there).
    async::Awaitable<StoreResult<QueueId>> add(QueuedMessage message);

    /// Releases what was held until `now`. Destinations at which something has come due by then since the last call, each once;
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
    void look_again(const QueueDestination& destination) { search_.look_again(destination); }

    /// When the first item after `now` is due, or the first message released; nothing if there is none.
    async::Awaitable<StoreResult<std::optional<Timestamp>>> next_due(Timestamp now);

    /// Writes what became of these items, at least one, all of one message: their due time, attempts and recipients.
    /// Recipients that are delivered or reported are dropped; an item without others ends. With `report`, the bounce
    /// about the reported ones, all is one commit: after a crash all of it is there or nothing. Returns the report's
    /// id. Errors: not_found (all of them ended or were concluded by somebody else); with a report also conflict (that
    /// goes for one of them) and invalid (more than one engine batch holds); no_space, unavailable, unknown.
    async::Awaitable<StoreResult<std::optional<QueueId>>> conclude(std::vector<QueueItem> items,
                                                                   std::optional<QueuedMessage> report = {});

    /// Errors: not_found, damaged.
    async::Awaitable<StoreResult<QueuedMessage>> get(QueueId id);
    /// In order of ids, those above `after`; at most kQueuePageMax.
    async::Awaitable<StoreResult<QueuePage>> list(QueueId after, std::size_t count_max);
    /// How many messages there are, and since when the oldest waits that is not held; reads the heads of all, in pieces.
    async::Awaitable<StoreResult<QueueDepth>> depth();
    /// Makes all items of the message due now; of one that is held, too. Errors: not_found.
    async::Awaitable<StoreResult<>> retry(QueueId id);
    /// Removes the message and its hold on the octets; no error if it is gone already.
    async::Awaitable<StoreResult<>> remove(QueueId id);

    /// Removes a message that is still held. Errors: not_found (it is released, or gone).
    async::Awaitable<StoreResult<>> cancel(QueueId id);

    /// What who manages the server has stopped.
    QueueHolds& holds() { return holds_; }

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
                                                          const std::set<QueueItemId>* except, const QueueHold* hold,
                                                          std::vector<DueItem>* found);
    async::Awaitable<StoreResult<std::optional<DueItem>>> read_due(std::string key, const QueueHold* hold);
    async::Awaitable<StoreResult<std::optional<QueueId>>> conclude_at_once(std::vector<QueueItem> items,
                                                                           std::optional<QueuedMessage> report);
    async::Awaitable<StoreResult<>> read_changes(const std::vector<QueueItem>* items, Changes* changes);
    async::Awaitable<StoreResult<>> retry_item(QueueItemId id, Timestamp due);
    enum class Removal : std::uint8_t { always, while_held };
    async::Awaitable<StoreResult<>> remove_as(QueueId id, Removal when);
    async::Awaitable<StoreResult<>> release_held(Timestamp now);
    async::Awaitable<StoreResult<>> release(QueueId id);
    async::Awaitable<StoreResult<>> release_at_once(QueueMessage message, std::string head);

    Engine* engine_;
    Clock* clock_;
    Domain domain_;
    std::atomic<std::uint64_t> last_id_ = 0;
    DueSearch search_;
    QueueHolds holds_;
};

} // namespace tegami::store
