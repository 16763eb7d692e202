// The real resolver: libunbound, caching and validating. Its own thread does the work.
#pragma once

#include "async/timer.h"
#include "base/result.h"
#include "net/address.h"
#include "net/resolver.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::net {

struct ResolverSettings {
    enum class Mode : std::uint8_t {
        system,     ///< the servers of /etc/resolv.conf
        recursion,  ///< our own, from the root servers down
        forwarders, ///< `servers`: recursive ones, or one that is itself the authority for all that is asked (NSD)
    };
    Mode mode = Mode::system;
    std::vector<Endpoint> servers;
    std::string trust_anchor_path; ///< DNSSEC root key; empty: no validation
    Duration timeout = std::chrono::seconds(30);
};

class UnboundResolver final : public Resolver {
public:
    /// `executor` is where answers are taken in; it and `timers` outlive the resolver. Fails on settings that do not
    /// work, in words for the operator.
    static Result<std::unique_ptr<UnboundResolver>, std::string>
    create(const ResolverSettings& settings, async::Timers* timers, async::Executor executor);
    /// On the executor's thread, or when that has ended. No query may be awaited any more.
    ~UnboundResolver() override;

    async::Awaitable<DnsAnswer> query(dns::Name name, dns::Type type) override;

private:
    struct State;
    class Pending;
    explicit UnboundResolver(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

} // namespace tegami::net
