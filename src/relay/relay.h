// Empties the queue: takes items as they come due, delivers them (other servers by SMTP, local accounts again after a
// crash or a temporary fault), writes down what became of each recipient, plans the next attempt, and tells the sender
// when there will be none.
//
// 1. No destination delays another: those with something due take turns, whatever waits
//    at each; a place at the destination is taken before a slot; while slots are scarce
//    a destination gets one place only; accounts of ours have slots of their own.
// 2. What the next server has taken is written down before the item is looked at
//    again; a crash in between can repeat one message to it (RFC 5321 §4.2.5 prefers
//    that to a loss), never lose one. An orderly stop lets bodies under way end.
// 3. An item ends in one commit together with the report about it: no recipient is
//    forgotten, none reported twice. Failures of one round of a message are one report.
// 4. Whatever happens to one delivery, exceptions too, its place and slot are free again and the item is tried again.
// 5. Mail that goes through a smarthost has a place there, too, and is not begun before there is one.
// 6. Everything here runs on one thread, so there are no locks;
//    wake() and forget_failures() may be called from any thread.
#pragma once

#include "relay/reporting.h"
#include "relay/sending.h"

#include <deque>

namespace tegami::relay {

/// Limit: items for other servers, and for accounts of ours, worked on at once.
inline constexpr std::size_t kRemoteSlots = 500;
inline constexpr std::size_t kLocalSlots = 100;
/// Limit: destinations with something due that are kept in mind; the others are found when these have had their turn.
inline constexpr std::size_t kReadyMax = 10'000;
/// How long stop() waits for bodies under way.
inline constexpr auto kStopTime = std::chrono::seconds(5);

class Relay {
public:
    /// `executor`: the one thread on which everything here runs.
    Relay(Dependencies dependencies, RelayOptions options, async::Executor executor);
    ~Relay();

    /// Works until stop(); for one task on the executor.
    async::Awaitable<> run();
    /// Ends run(): nothing new begins, messages whose body is under way may end (at most kStopTime), the rest is
    /// cancelled. On the executor.
    async::Awaitable<> stop();
    /// The queue has something new; from any thread.
    void wake();
    /// Someone wants another try now: forgets which domains did not answer. From any thread.
    void forget_failures();
    /// Whether somebody works on this item at the moment. On the executor.
    bool is_under_way(const store::QueueItem& item) const;

private:
    /// Items of one kind that are worked on at once, and the destinations that have something for them.
    struct Lane {
        std::size_t slots = 0;
        std::size_t active = 0;
        std::deque<store::QueueDestination> ready; ///< in the order of their turns
    };

    async::Awaitable<std::size_t> start_due();
    async::Awaitable<std::size_t> start_lane(Lane* lane);
    void make_ready(const store::QueueDestination& name);
    async::Awaitable<> wait_for_more();

    async::Awaitable<> work_on(WorkPtr work);
    async::Awaitable<> attempt(WorkPtr work);
    async::Awaitable<> deliver_locally(WorkPtr work);
    async::Awaitable<> conclude(WorkPtr work);
    async::Awaitable<bool> try_to_conclude(WorkPtr work);

    const Dependencies dependencies_;
    const RelayOptions options_;
    async::Executor executor_;
    async::TaskGroup tasks_;
    UnderWay under_way_;
    bool stopping_ = false;
    Instant next_housekeeping_ = Instant::min();
    Lane remote_{.slots = kRemoteSlots};
    Lane local_{.slots = kLocalSlots};
    Destinations destinations_;
    Sending sending_;
    Reporting reporting_;
};

} // namespace tegami::relay
