// Empties the queue: takes entries as they come due, delivers each recipient (other servers by SMTP, local accounts
// again after a crash or a temporary fault), writes down what became of it, plans the next attempt, and tells the
// sender when there will be none.
//
// 1. What the next server has taken is written down before the entry is looked at again; a crash in between can repeat
//    one message to it (RFC 5321 §4.2.5 prefers that to a loss), never lose one.
// 2. An entry ends in one commit together with the report about it: no recipient is forgotten, none reported twice.
// 3. Everything here runs on one thread, so there are no locks; wake() and retry() may be called from any thread.
#pragma once

#include "async/task_group.h"
#include "base/log.h"
#include "delivery/delivery.h"
#include "directory/directory.h"
#include "net/resolver.h"
#include "relay/destination.h"
#include "relay/retry_plan.h"
#include "store/journey.h"
#include "store/queue.h"

#include <map>
#include <memory>
#include <set>

namespace tegami::relay {

/// Limit: queue entries worked on at once.
inline constexpr std::size_t kEntriesAtOnce = 200;

struct RelayOptions {
    std::string host_name;
    RetryPlan retry;
    /// Of other domains' servers; not 25 only where servers are tried out without root.
    std::uint16_t remote_port = 25;
};

struct RelayNeeds {
    store::Store& store;
    store::Queue& queue;
    store::Journeys& journeys;
    directory::Directory& directory;
    delivery::Delivery& delivery;
    net::Network& network;
    net::Resolver& resolver;
    std::shared_ptr<const net::TlsClientContext> tls; ///< opportunistic
    async::Timers& timers;
    RandomSource& random;
    Log& log;
};

class Relay {
public:
    /// `executor`: the one thread on which everything here runs.
    Relay(RelayNeeds needs, RelayOptions options, async::Executor executor);
    ~Relay();

    /// Works until stop(); for one task on the executor.
    async::Awaitable<> run();
    /// Ends run() after cancelling what is under way; on the executor.
    async::Awaitable<> stop();
    /// The queue has something new; from any thread.
    void wake();
    /// Someone wants another try now: forgets which domains did not answer. From any thread.
    void forget_failures();

private:
    struct Work;
    using WorkPtr = std::shared_ptr<Work>;

    async::Awaitable<std::size_t> start_due();
    async::Awaitable<> wait_for_more();
    async::Awaitable<> work_on(store::QueueEntry entry);
    async::Awaitable<> deliver_locally(WorkPtr work, std::size_t recipient);
    async::Awaitable<> send_group(WorkPtr work, std::string domain, std::vector<std::size_t> recipients);
    async::Awaitable<bool> send_to(WorkPtr work, Destination* destination, message::Domain domain,
                                   std::vector<std::size_t> recipients);
    async::Awaitable<Result<IdleConnection, smtp::DeliveryResult>> connect(WorkPtr work, Destination* destination,
                                                                           message::Domain domain);
    void settle(WorkPtr work, std::size_t recipient, const smtp::DeliveryResult& result, const std::string& server);
    void settle_all(WorkPtr work, const std::vector<std::size_t>& recipients, const smtp::DeliveryResult& result);
    async::Awaitable<> conclude(WorkPtr work);
    async::Awaitable<bool> try_to_conclude(WorkPtr work);

    /// A fault of ours kept the report from being made: it is made at the next attempt.
    struct Unreported {};

    async::Awaitable<Result<std::optional<store::QueueEntry>, Unreported>> make_report(WorkPtr work,
                                                                                       std::vector<std::size_t> failed);
    async::Awaitable<> close_idle();
    static async::Awaitable<> quit_idle(IdleConnection idle);

    Destination& destination(const std::string& domain);
    void record(const Work& work, std::string kind, std::vector<store::JourneyField> fields);

    RelayNeeds needs_;
    RelayOptions options_;
    ConnectionNeeds connection_needs_;
    async::Executor executor_;
    async::TaskGroup tasks_;
    async::Event wake_;
    bool stopping_ = false;
    std::set<store::QueueId> under_way_;
    std::map<std::string, std::unique_ptr<Destination>> destinations_;
};

} // namespace tegami::relay
