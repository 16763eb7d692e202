// What who manages the server has stopped: recipients of one message, and whole destinations; and whom they gave up.
//
// 1. A hold of a recipient is in its item. An item whose recipients are all on hold has no index records, so that nobody
//    finds it. A hold of a destination is a record of its own, which Queue::due_items() asks.
// 2. Nothing on hold expires: only an attempt that fails ends a message. The time on hold does not count: a release adds it
//    to the time that the message has.
// 3. An attempt that is under way goes on; what it came to is kept, and the hold is, too (Queue::conclude).
// 4. Whoever is given up is a failure like any other: due now, for the relay to tell the sender, also at a destination on
//    hold.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/engine/engine.h"
#include "store/queue_items.h"
#include "store/queue_search.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

/// Recipients of a message: all that something is still to be tried for, or of them those with this address or at this
/// destination.
struct QueueChoice {
    std::optional<message::EmailAddress> recipient = {};
    std::optional<QueueDestination> destination = {};

    bool has(const QueueItem& item, const QueueRecipient& recipient) const;
};

class QueueHolds {
public:
    /// All outlive it.
    QueueHolds(Engine* engine, Clock* clock, Domain domain, DueSearch* search)
        : engine_(engine), clock_(clock), domain_(domain), search_(search) {}

    /// Addresses of recipients that something was done to.
    using Recipients = std::vector<message::EmailAddress>;

    // Errors: not_found (there is no such message), damaged, no_space, unavailable, unknown.
    /// Stops what is chosen; a hold takes the place of the one before. Durable on return.
    async::Awaitable<StoreResult<Recipients>> hold(QueueId id, QueueChoice chosen, QueueHold hold);
    /// Makes those of them that are on hold due now.
    async::Awaitable<StoreResult<Recipients>> release(QueueId id, QueueChoice chosen);
    /// Gives up what is chosen, with `reply` as the reason ("5.7.1 …"): at once, unless a commit cannot hold so many.
    async::Awaitable<StoreResult<Recipients>> give_up(QueueId id, QueueChoice chosen, std::string reply);

    /// Stops everything for a mail domain, also what will come. Errors: invalid (there are kHeldDestinationsMax).
    async::Awaitable<StoreResult<>> hold_destination(message::Domain domain, QueueHold hold);
    /// False if it was not on hold.
    async::Awaitable<StoreResult<bool>> release_destination(message::Domain domain);
    /// The hold of a destination itself.
    async::Awaitable<StoreResult<std::optional<QueueHold>>> of(QueueDestination destination);
    /// Mail domains that are on hold: kHeldDestinationsMax at most.
    async::Awaitable<StoreResult<std::map<message::Domain, QueueHold>>> destinations();

private:
    /// Does it to one recipient; may be called again.
    using Step = std::function<void(QueueItem&, QueueRecipient&)>;
    struct Part;

    async::Awaitable<StoreResult<Recipients>> change(QueueId id, QueueChoice chosen, Step step);
    async::Awaitable<StoreResult<>> change_once(QueueId id, const QueueChoice* chosen, const Step* step,
                                                Recipients* changed);
    async::Awaitable<StoreResult<>> commit(Part* part, Recipients* changed);

    Engine* const engine_;
    Clock* const clock_;
    const Domain domain_;
    DueSearch* const search_;
};

} // namespace tegami::store
