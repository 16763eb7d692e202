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

#include "async/task_group.h"
#include "base/log.h"
#include "delivery/delivery.h"
#include "directory/lookup.h"
#include "net/resolver.h"
#include "relay/destination.h"
#include "relay/retry_plan.h"
#include "relay/smarthost.h"
#include "relay/sts_policies.h"
#include "reporting/tls_counter.h"
#include "signing/signatures.h"
#include "store/journey.h"
#include "store/queue.h"
#include "trust/srs/rewriter.h"

#include <deque>
#include <map>
#include <memory>

namespace tegami::relay {

/// Limit: items for other servers, and for accounts of ours, worked on at once.
inline constexpr std::size_t kRemoteSlots = 500;
inline constexpr std::size_t kLocalSlots = 100;
/// Limit: destinations with something due that are kept in mind; the others are found when these have had their turn.
inline constexpr std::size_t kReadyMax = 10'000;
/// How long a failure waits for other items of its message, so that one report tells of all.
inline constexpr auto kReportPatience = std::chrono::minutes(5);
/// Limit: recipients of one report; with texts of the greatest length they fit into one commit.
inline constexpr std::size_t kReportRecipientsMax = 200;
/// How long stop() waits for bodies under way.
inline constexpr auto kStopTime = std::chrono::seconds(5);

struct RelayOptions {
    std::string host_name;
    RetryPlan retry;
    /// Of other domains' servers; not 25 only where servers are tried out without root.
    std::uint16_t remote_port = 25;
    /// Of the servers that have other domains' policies (MTA-STS); 443, likewise.
    std::uint16_t policy_port = 443;
    std::vector<Smarthost> smarthosts{};
};

struct Dependencies {
    store::Store& store;
    store::Queue& queue;
    store::Journeys& journeys;
    directory::Lookup& directory;
    delivery::Delivery& delivery;
    signing::Signatures& signatures; ///< for reports
    const srs::Rewriter& return_paths;
    net::Network& network;
    net::Resolver& resolver;
    std::shared_ptr<const net::TlsClientContext> tls; ///< opportunistic; null: there is no TLS, and no MTA-STS
    async::Timers& timers;
    RandomSource& random;
    Log& log;
    reporting::TlsCounter* tls_counter = nullptr; ///< null: nobody gets reports about TLS
};

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
    struct Work;
    struct Search;
    class Held;
    using WorkPtr = std::shared_ptr<Work>;

    /// Items of one kind that are worked on at once, and the destinations that have something for them.
    struct Lane {
        std::size_t slots = 0;
        std::size_t active = 0;
        std::deque<store::QueueDestination> ready; ///< in the order of their turns
    };

    /// Where items go next: the servers of their recipients, or a smarthost, which is the same for all.
    struct Hop {
        Destination* destination = nullptr;
        const Smarthost* smarthost = nullptr;
    };

    /// Items of one message that are under way together.
    struct Round {
        std::size_t trying = 0;
        bool failures = false; ///< some of them wait for a report
    };

    async::Awaitable<std::size_t> start_due();
    async::Awaitable<std::size_t> start_lane(Lane* lane);
    void make_ready(const store::QueueDestination& name);
    async::Awaitable<> wait_for_more();
    async::Awaitable<> close_idle();
    static async::Awaitable<> quit_idle(IdleConnection idle);

    async::Awaitable<> work_on(WorkPtr work);
    async::Awaitable<> attempt(WorkPtr work);
    async::Awaitable<> deliver_locally(WorkPtr work);
    async::Awaitable<bool> send_to(WorkPtr work, message::Domain domain, std::vector<std::size_t> recipients);
    async::Awaitable<std::vector<std::size_t>> send_over(WorkPtr work, IdleConnection idle,
                                                         std::vector<std::size_t> recipients, Search* search);
    async::Awaitable<std::optional<IdleConnection>> connect(WorkPtr work, Search* search);
    bool still_meets(const Work& work, const Search& search, const Connection& connection) const;
    void pass_over(const Work& work, Search* search, ServerResult why, TlsDemand::Kind of_policy);
    static TlsResult result_of(const Search& search, const Target& server, TlsDemand::Kind kind);
    void note(const Search& search, const TlsResult& result);
    RouteQuestion question_of(const Work& work, const message::Domain& domain) const;
    void warn_of_smarthost(const Smarthost& smarthost, const smtp::DeliveryResult& why);
    void log_rewriting(const store::QueueMessage& message, const Connection& connection);
    Letter letter_of(const WorkPtr& work, const std::vector<std::size_t>& recipients);
    void settle(Work& work, std::size_t recipient, const smtp::DeliveryResult& result, const std::string& server);
    void settle_all(Work& work, const std::vector<std::size_t>& recipients, const ServerResult& verdict);

    async::Awaitable<> conclude(WorkPtr work);
    async::Awaitable<bool> try_to_conclude(WorkPtr work);
    async::Awaitable<bool> report(store::QueueMessage message, std::optional<store::QueueItem> own,
                                  store::QueueItemId held_by_caller = {});
    async::Awaitable<std::vector<store::QueueItem>> failed_items(store::QueueId id);

    /// A fault of ours kept the report from being made: it is made later.
    struct Unreported {};

    async::Awaitable<Result<std::optional<store::QueuedMessage>, Unreported>>
    make_report(store::QueueMessage message, std::vector<store::QueueRecipient> failed);

    Destination& destination(const store::QueueDestination& name);
    std::optional<message::EmailAddress> sender_of(const store::QueueMessage& message) const;
    bool has_way_out() const;
    Hop hop_of(const store::QueueMessage& message, Destination& place);
    bool written(const store::StoreResult<std::optional<store::QueueId>>& concluded, store::QueueId id);
    void record(const store::QueueMessage& message, std::string kind, std::vector<store::JourneyField> fields);

    Dependencies dependencies_;
    RelayOptions options_;
    ConnectionDependencies connection_dependencies_;
    StsPolicies sts_;
    async::Executor executor_;
    async::TaskGroup tasks_;
    async::Event wake_;
    async::Event ended_; ///< a delivery has ended; for stop()
    bool stopping_ = false;
    Instant next_housekeeping_ = Instant::min();
    std::size_t bodies_ = 0;          ///< deliveries whose body has begun
    std::uint64_t rewritten_ = 0;     ///< messages of eight bits for servers of seven, since the start
    std::uint64_t not_rewritten_ = 0; ///< those that could not be
    std::uint64_t unprotected_ = 0;   ///< connections that were given up because TLS was not what the domain promises
    Lane remote_{.slots = kRemoteSlots};
    Lane local_{.slots = kLocalSlots};
    std::map<store::QueueId, Round> rounds_;
    std::map<store::QueueDestination, std::unique_ptr<Destination>> destinations_;
    std::vector<std::unique_ptr<Destination>> smarthosts_; ///< what is known of those of the options, in their order
};

} // namespace tegami::relay
