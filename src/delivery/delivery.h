// From an accepted message to mailboxes and the queue, without a queue in between where that is possible.
//
// 1. accept() answers only when every copy would survive a power cut: in a mailbox, or in a queue item.
// 2. What is done is decided before (plan.h). One account alone is one commit. Everything
//    else: what the server itself reads first, then the queued message, then each account's commit under its item's
//    delivery tag, then these items end; a crash repeats steps that change nothing twice.
#pragma once

#include "base/counter.h"
#include "delivery/plan.h"
#include "delivery/server_mail.h"
#include "delivery/transaction.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"

#include <chrono>
#include <functional>

namespace tegami::delivery {

struct DeliveryOptions {
    std::chrono::seconds queue_expiry = std::chrono::days(5);
    /// Reads what is for the server itself, and outlives the delivery; null: that is dropped.
    ServerMail* server_mail = nullptr;
};

class Delivery {
public:
    /// All of them outlive it. `wake_queue` is called when an item became due: from any thread, must not block.
    Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
             DeliveryOptions options, std::function<void()> wake_queue);

    /// Takes over the message; one outcome for each recipient, in order. For those who are taken we answer. DATA has
    /// one reply for all: if one recipient is refused before anything is done, so are all.
    async::Awaitable<std::vector<Outcome>> accept(Transaction transaction);

    /// Does what the plan says. The outcome is that of every recipient that the plan does not refuse.
    async::Awaitable<Outcome> carry_out(Transaction transaction, Plan plan);

    /// Takes over the message for all recipients by way of the queue, so that it can be followed there; with `held_until` it
    /// waits for that moment, and Queue::cancel takes it back before. The relay looks at it after wake(). Nothing if the
    /// server alone was to read it.
    async::Awaitable<Result<std::optional<store::QueueId>, Refusal>> enqueue(Transaction transaction,
                                                                             std::optional<Timestamp> held_until = {});

    /// Something in the queue is due.
    void wake() const { wake_queue_(); }

    /// The message as add() of the queue takes it, one item for each placement first; due at once.
    store::QueuedMessage make_queued(const Transaction& transaction, const Plan& plan) const;

    /// Puts a queued message into the account of one of its local items; the same again changes nothing. The item stays
    /// as it is.
    async::Awaitable<Outcome> deliver_queued(store::QueueMessage message, store::QueueItem item);

    /// How long carry_out() took, until the copies were durable.
    const DurationHistogram& durations() const { return durations_; }

private:
    /// What all copies of one message share.
    struct Copy {
        store::BlobRef blob;
        store::ThreadHints hints;
        std::string journey;
    };

    async::Awaitable<Outcome> give_to_server(const Transaction* transaction);
    async::Awaitable<Outcome> place(Copy copy, Placement placement, std::optional<std::string> tag);
    async::Awaitable<Result<store::QueueId, Refusal>> queue(store::QueuedMessage queued);
    async::Awaitable<Outcome> carry_out_through_queue(Copy copy, std::vector<Placement> placements,
                                                      store::QueuedMessage queued);

    store::Store& store_;
    store::Queue& queue_;
    store::Journeys& journeys_;
    const Clock& clock_;
    DeliveryOptions options_;
    std::function<void()> wake_queue_;
    DurationHistogram durations_;
};

} // namespace tegami::delivery
