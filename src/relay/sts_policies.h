// The MTA-STS policies (RFC 8461) of the domains that mail goes to: looked for, fetched and kept. On the relay's one
// thread.
//
// 1. A policy counts for its max_age, whatever fails meanwhile: a record that vanishes, a fetch that fails, name
//    servers that are silent, a restart (decision 11). Only a newer policy replaces it.
// 2. A fetch that fails is not tried again for kStsRetryTime with the same id, and without an older policy means none.
// 3. One fetch for each domain at a time; others that want to send there wait for it, at most kStsFetchTime.
#pragma once

#include "async/mutex.h"
#include "async/timer.h"
#include "base/log.h"
#include "message/domain.h"
#include "net/host_endpoints.h"
#include "net/network.h"
#include "net/resolver.h"
#include "store/kept_policies.h"
#include "trust/tls_policy/mta_sts.h"
#include "trust/tls_report/report.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tegami::relay {

/// Limit: what one fetch may take, name servers included (RFC 8461 §3.3).
inline constexpr auto kStsFetchTime = std::chrono::minutes(1);
/// After a fetch or a look-up that failed (RFC 8461 §3.3).
inline constexpr auto kStsRetryTime = std::chrono::minutes(5);
/// A policy that is used is fetched again after this time, though its id is the same (RFC 8461 §3.3).
inline constexpr auto kStsRefreshTime = std::chrono::days(1);
/// Limit: domains remembered, with and without a policy; those without give way first.
inline constexpr std::size_t kStsDomainsMax = 10'000;

/// Why the policy of a domain could not be had (RFC 8460 §4.3.2.2).
struct StsFailure {
    tls_report::ResultType type{};
    std::string reason; ///< in plain words
};

class StsPolicies {
public:
    struct Dependencies {
        net::Resolver& resolver;
        net::Network& network;
        async::Timers& timers;
        Log& log;
        store::KeptPolicies kept;                         ///< those of before the start
        std::shared_ptr<const net::TlsClientContext> tls; ///< null: nothing is fetched
        std::uint16_t port = 443;
        net::AddressCheck may_reach = net::is_of_internet;
    };

    explicit StsPolicies(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// The policy that counts now for mail to the domain; nothing if there is none, or its mode is `none`. Error: the
    /// store cannot say whether one is kept, so mail must wait.
    async::Awaitable<store::StoreResult<std::optional<tls_policy::StsPolicy>>> find(message::Domain domain);

    /// Why the policy that the domain announces was not to be had when it was last tried; nothing if it was.
    std::optional<StsFailure> failure_of(const message::Domain& domain) const;

private:
    struct Entry {
        std::string domain{}; ///< in A-labels
        async::Mutex mutex{};
        bool recalled = false; ///< what the store has kept is here
        std::optional<tls_policy::StsPolicy> policy{};
        std::string id{}; ///< the record's when the policy was fetched
        Timestamp fetched{};
        Instant ask_after = Instant::min(); ///< for the record
        std::string failed_id{};            ///< of the fetch that failed last
        Instant fetch_after = Instant::min();
        std::optional<StsFailure> failure{}; ///< likewise
    };

    std::shared_ptr<Entry> entry(const std::string& domain);
    bool is_live(const Entry& entry) const;
    async::Awaitable<store::StoreResult<>> recall(std::shared_ptr<Entry> entry);
    async::Awaitable<> look(std::shared_ptr<Entry> entry, dns::Name domain);
    async::Awaitable<> keep(std::shared_ptr<Entry> entry);
    async::Awaitable<Result<tls_policy::StsPolicy, StsFailure>> fetch(dns::Name host);

    Dependencies dependencies_;
    std::map<std::string, std::shared_ptr<Entry>> entries_; ///< by A-labels
};

} // namespace tegami::relay
