// From an accepted message to mailboxes and the queue, without a queue in between where that is possible.
//
// 1. accept() answers only when every copy would survive a power cut: in a mailbox, or in a queue item.
// 2. One account alone is one commit. Several recipients: the queued message first, then each account's commit under
// its
//    item's delivery tag, then these items are concluded; a crash repeats steps that change nothing twice.
// 3. An account that several recipients lead to gets one copy.
#pragma once

#include "delivery/transaction.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"

#include <chrono>
#include <functional>

namespace tegami::delivery {

/// Why a message could not be taken; smtpd/ words it as a reply.
struct Refusal {
    bool permanent = false;
    std::string status; ///< enhanced status (RFC 3463)
    std::string text;   ///< plain words
};

/// Loop detection (RFC 5321 §6.3): Received fields that a message may have.
inline constexpr std::size_t kHopsMax = 50;

struct DeliveryOptions {
    std::chrono::seconds queue_expiry = std::chrono::days(5);
};

class Delivery {
public:
    /// All of them outlive it. `wake_queue` is called when an item became due: from any thread, must not block.
    Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
             DeliveryOptions options, std::function<void()> wake_queue);

    /// Takes over the message; on success we answer for it.
    async::Awaitable<Result<void, Refusal>> accept(Transaction transaction);

    /// The message as add() of the queue takes it, the items of its local copies first; due at once.
    store::QueuedMessage make_message(const Transaction& transaction) const;

    /// Puts a queued message into the account of one of its local items; the same again changes nothing. The item stays
    /// as it is.
    async::Awaitable<Result<void, Refusal>> deliver_queued(store::QueueMessage message, store::QueueItem item);

private:
    async::Awaitable<Result<void, Refusal>> deliver_to(directory::LocalRecipient recipient, store::BlobRef blob,
                                                       store::ThreadHints hints, std::optional<std::string> tag,
                                                       std::string journey);
    async::Awaitable<Result<void, Refusal>> accept_through_queue(store::QueuedMessage queued, store::ThreadHints hints);
    async::Awaitable<Result<void, Refusal>> deliver_item(store::QueueMessage message, store::QueueItem item,
                                                         store::ThreadHints hints);

    store::Store& store_;
    store::Queue& queue_;
    store::Journeys& journeys_;
    const Clock& clock_;
    DeliveryOptions options_;
    std::function<void()> wake_queue_;
};

} // namespace tegami::delivery
