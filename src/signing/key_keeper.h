// Keeps the keys of all our domains: makes them, looks whether they are published, lets them sign, retires and forgets
// them (key_plan.h says when).
//
// The keys are changed by one look() at a time; the DNS is asked, and changed, for several domains at the same time, so that
// a slow name server delays no other domain. What fails is tried again at the next. A private key that cannot be read is
// told of, once a day. With a publisher the records come into the DNS and go out of it by themselves; a key signs
// only after it has been seen there all the same.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "directory/administration.h"
#include "directory/signing_keys.h"
#include "net/resolver.h"
#include "signing/key_plan.h"
#include "signing/record_publisher.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace tegami::signing {

/// How often the keys are looked at. Whoever publishes a record need not wait for it: `tegami dkim check` looks at
/// once.
inline constexpr auto kLookInterval = std::chrono::minutes(10);
/// Limit: domains that are looked after at the same time.
inline constexpr std::size_t kDomainsAtOnce = 16;

class KeyKeeper {
public:
    /// All outlive it.
    struct Dependencies {
        directory::SigningKeys& keys;
        const directory::Administration& directory;
        net::Resolver& resolver;
        async::WorkerPool& workers; ///< for making keys: about a tenth of a second each
        async::Timers& timers;
        Log& log;
        RecordPublisher* publisher = nullptr; ///< nothing: people publish the records
    };

    explicit KeyKeeper(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Looks after all domains, now and every kLookInterval; for one task.
    async::Awaitable<> run();
    /// Looks after the keys of one domain of ours. `renew`: its keys get successors now. `asked` is asked instead of
    /// the usual resolver, which may remember for a while that a record was not there. Errors: not_found, unavailable.
    async::Awaitable<directory::DirectoryResult<>> look(message::Domain domain, bool renew = false,
                                                        net::Resolver* asked = nullptr);

private:
    async::Awaitable<> look_at_each(std::vector<message::Domain>* waiting);
    async::Awaitable<directory::DirectoryResult<>> change(message::Domain domain, bool renew,
                                                          const trust::DnsAnswers* answers);
    async::Awaitable<directory::DirectoryResult<>> carry_out(message::Domain domain, KeyPlan plan);
    async::Awaitable<> publish_announced(message::Domain domain);
    async::Awaitable<> withdraw_expired(message::Domain domain);
    async::Awaitable<bool> withdraw(directory::SigningKey key);
    std::vector<directory::SigningKey> keys_of(const message::Domain& domain) const;
    std::string new_selector(const message::Domain& domain, dkim::KeyType type) const;
    void tell(const directory::SigningKey& key, std::string_view event) const;
    void tell_unusable(const message::Domain& domain);

    Dependencies dependencies_;
    async::Mutex changing_;
    std::map<message::Domain, Timestamp> told_unusable_; ///< when that was last said of a domain
};

} // namespace tegami::signing
