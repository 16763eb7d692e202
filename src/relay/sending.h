// Sends one queue item to the servers of a domain, or through a smarthost: route, connections, transactions.
#pragma once

#include "async/task_group.h"
#include "relay/sts_policies.h"
#include "relay/work.h"

namespace tegami::relay {

class Sending {
public:
    /// All outlive it.
    Sending(const Dependencies& dependencies, const RelayOptions& options, async::TaskGroup& tasks);

    /// Settles each of these recipients of the item. True if a server was reached and talked sense.
    async::Awaitable<bool> send(WorkPtr work, message::Domain domain, std::vector<std::size_t> recipients);
    /// Says goodbye in the background.
    void quit(IdleConnection idle);

private:
    struct Search;

    static async::Awaitable<> quit_now(IdleConnection idle);
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

    const Dependencies& dependencies_;
    const RelayOptions& options_;
    ConnectionDependencies connection_dependencies_;
    StsPolicies sts_;
    async::TaskGroup& tasks_;
    std::uint64_t rewritten_ = 0;     ///< messages of eight bits for servers of seven, since the start
    std::uint64_t not_rewritten_ = 0; ///< those that could not be
    std::uint64_t unprotected_ = 0;   ///< connections that were given up because TLS was not what the domain promises
};

} // namespace tegami::relay
