// Where mail for a domain goes: its mail exchangers in the order in which to try them (RFC 5321 §5.1), each looked up
// when it is its turn: a name server that does not answer delays only what would be tried after it.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "base/random.h"
#include "base/result.h"
#include "message/domain.h"
#include "net/address.h"
#include "net/resolver.h"
#include "relay/smarthost.h"
#include "trust/tls_policy/dane.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::relay {

/// Limit: mail exchangers of one domain that are tried, and addresses altogether; the most preferred ones.
inline constexpr std::size_t kExchangersMax = 20;
inline constexpr std::size_t kTargetsMax = 40;
/// Limit: how long an answer of the DNS is kept, whatever its TTL.
inline constexpr auto kAnswerTimeMax = std::chrono::hours(1);

/// What the DNS says about a server's TLS.
struct ServerFacts {
    tls_policy::Dane dane{};
    bool mx_secure = false; ///< that it is a server of the domain is proven

    bool operator==(const ServerFacts&) const = default;
};

/// One server to try.
struct Target {
    std::string host; ///< name of the exchanger, or the address literal
    net::Endpoint endpoint;
    ServerFacts facts{};
    const Smarthost* smarthost = nullptr; ///< it is this one, and outlives everything here

    bool operator==(const Target&) const = default;
};

struct NoRoute {
    bool permanent = false;
    std::string status; ///< enhanced status (RFC 3463)
    std::string text;   ///< plain words
};

struct RouteQuestion {
    message::Domain domain;
    std::string own_host_name; ///< exchangers from ourselves on are left out: mail would come back (RFC 5321 §5.1)
    std::uint16_t port = 25;
    const Smarthost* smarthost = nullptr; ///< `domain` is its name: MX and TLSA records do not count
};

/// What the DNS has said about a domain's servers, kept with the destination for its TTL.
struct KnownRoute {
    struct Exchanger {
        std::string host;
        std::optional<dns::Name> name; ///< nothing for an address literal, whose address is known
        std::uint16_t preference = 0;
        std::vector<IpAddress> addresses; ///< IPv6 first
        Instant until = Instant::min();   ///< when to ask for them again
        tls_policy::Dane dane{};
        Instant dane_until = Instant::min(); ///< so long `dane` counts
    };

    /// What is known at `now` about this server's TLS; nothing: that is to be asked for.
    std::optional<ServerFacts> facts_of(const std::string& host, Instant now) const;

    std::vector<Exchanger> exchangers;
    Instant until = Instant::min();
    bool by_mx = false;
    bool secure = false;               ///< DNSSEC has proven the answer about MX
    std::optional<dns::Name> expanded; ///< where it was found, if the domain is an alias
};

/// Names a domain's servers one after another, best first: MX in order of preference, random among equals; without MX
/// the domain's own addresses (implicit MX); IPv6 before IPv4. A null MX (RFC 7505) and a domain that does not exist
/// are permanent. An address literal needs no DNS. With each server comes what the DNS says of its certificate; one
/// about which that cannot be known is named with the first of its addresses, for the record.
class Route {
public:
    /// All outlive it. `known` may come from an earlier Route of the domain.
    Route(net::Resolver& resolver, RandomSource& random, async::Timers& timers, RouteQuestion question,
          std::shared_ptr<KnownRoute> known = nullptr);

    /// The next server to try; nothing if there is no other. The error, only before the first: no server can be named.
    async::Awaitable<Result<std::optional<Target>, NoRoute>> next();

    /// False if name servers did not answer about some of the servers: they were not named.
    bool complete() const { return !any_temporary_; }

    /// For the next Route; null before next() has succeeded.
    const std::shared_ptr<KnownRoute>& known() const { return known_; }

    /// What the DNS was asked and said since the last call, in words.
    std::vector<std::string> take_answers() { return std::exchange(answers_, {}); }

private:
    async::Awaitable<Result<void, NoRoute>> find_exchangers();
    async::Awaitable<> find_addresses(std::shared_ptr<KnownRoute> route, KnownRoute::Exchanger* exchanger);
    async::Awaitable<tls_policy::Dane> find_dane(tls_policy::DaneHost host, trust::DnsAnswers answers);
    void choose_order();

    net::Resolver& resolver_;
    RandomSource& random_;
    async::Timers& timers_;
    const RouteQuestion question_;
    std::shared_ptr<KnownRoute> known_;
    std::vector<std::size_t> order_;   ///< of known_->exchangers; empty before the first next()
    std::size_t at_ = 0;               ///< in order_
    std::vector<IpAddress> addresses_; ///< of the exchanger at at_ that are still to be named, the next one last
    bool looked_up_ = false;           ///< the exchanger at at_
    std::size_t named_ = 0;
    bool any_temporary_ = false;
    std::vector<std::string> answers_;
};

} // namespace tegami::relay
