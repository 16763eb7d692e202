// From an accepted message to mailboxes and the queue, without a queue in between where that is possible.
//
// 1. accept() answers only when every copy would survive a power cut: in a mailbox, or in a queue entry.
// 2. One account alone is one commit. Several recipients: the queue entry first, then each account's commit under the
//    entry's delivery tag, then the entry is brought up to date; a crash repeats steps that change nothing twice.
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

struct DeliveryOptions {
    std::chrono::seconds queue_expiry = std::chrono::days(5);
};

class Delivery {
public:
    /// All of them outlive it. `wake_queue` is called when an entry became due: from any thread, must not block.
    Delivery(store::Store& store, store::Queue& queue, store::Journeys& journeys, const Clock& clock,
             DeliveryOptions options, std::function<void()> wake_queue);

    /// Takes over the message; on success we answer for it.
    async::Awaitable<Result<void, Refusal>> accept(Transaction transaction);

    /// The message as a queue entry that is not in the queue yet, its local copies first; due at once.
    store::QueueEntry make_entry(const Transaction& transaction) const;

    /// Puts the message of a queue entry into the account of one of its (local) recipients; the same again changes
    /// nothing. The entry stays as it is.
    async::Awaitable<Result<void, Refusal>> deliver_queued(store::QueueEntry entry, std::size_t recipient);

private:
    async::Awaitable<Result<void, Refusal>> deliver_to(directory::LocalRecipient recipient, store::BlobRef blob,
                                                       store::ThreadHints hints, std::optional<std::string> tag,
                                                       std::string journey);
    async::Awaitable<Result<void, Refusal>> accept_through_queue(store::QueueEntry entry, store::ThreadHints hints);
    async::Awaitable<Result<void, Refusal>> deliver_entry_to(store::QueueEntry entry, std::size_t recipient,
                                                             store::ThreadHints hints);

    store::Store& store_;
    store::Queue& queue_;
    store::Journeys& journeys_;
    const Clock& clock_;
    DeliveryOptions options_;
    std::function<void()> wake_queue_;
};

} // namespace tegami::delivery
