// What other domains have promised about TLS (MTA-STS, RFC 8461): a policy that was fetched counts for its time, whatever
// somebody on the way does later, also after a restart. docs/formats/queue.md.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/engine/engine.h"

#include <cstddef>
#include <optional>
#include <string>

namespace tegami::store {

struct KeptPolicy {
    std::string domain; ///< of the mail, in A-labels
    std::string id;     ///< of the record in the DNS that announced it
    Timestamp fetched{};
    Timestamp expires{}; ///< after this it counts no longer
    std::string text;    ///< as its web server has it

    bool operator==(const KeptPolicy&) const = default;
};

/// Limit: policies that a sweep leaves.
inline constexpr std::size_t kKeptPoliciesMax = 10'000;

class KeptPolicies {
public:
    /// The engine outlives it.
    explicit KeptPolicies(Engine* engine) : engine_(engine) {}

    /// The policy of a domain; one whose time is over may still be there. A record that cannot be decoded is none, as
    /// verify says. Errors: damaged, unavailable.
    async::Awaitable<StoreResult<std::optional<KeptPolicy>>> find(std::string domain);
    /// Takes the place of the one before. Durable on return. Errors: no_space, unavailable, unknown (it may be there).
    async::Awaitable<StoreResult<>> keep(KeptPolicy policy);
    /// Forgets those that have expired, and of more than `count_max` those that expire first. Errors: as above.
    async::Awaitable<StoreResult<>> sweep(Timestamp now, std::size_t count_max = kKeptPoliciesMax);

private:
    Engine* engine_;
};

} // namespace tegami::store
