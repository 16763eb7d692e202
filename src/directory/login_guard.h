// How patient to be with wrong passwords: counts failures by client address and by login name, answers them ever
// later, and for a while refuses to try at all. Pure: the time is passed in, the caller does the waiting.
//
// 1. Failures fade: every half-life without another one halves them.
// 2. A pair of address and login that has succeeded lately is never refused because of others' failures, so nobody can
//    lock an owner out of the place they always log in from. Its own failures pause it for a short time only.
// 3. Memory is bounded: beyond a number of entries the one untouched for longest is forgotten.
// 4. IPv6 addresses count by their /64, which one client has to itself.
//
// Thread-safe.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tegami::directory {

struct GuardPolicy {
    Duration first_delay = std::chrono::seconds(1); ///< before the answer to the first failure; doubles
    Duration longest_delay = std::chrono::seconds(16);
    Duration half_life = std::chrono::minutes(10);
    /// Failures from one address, or at one login, after which further attempts are refused for a while.
    double address_failures_max = 20;
    double login_failures_max = 10;
    Duration first_pause = std::chrono::seconds(30); ///< doubles with every further failure
    Duration longest_pause = std::chrono::minutes(15);
    Duration trust = std::chrono::days(30); ///< how long a success makes a pair known-good
    std::size_t entries_max = 50'000;       ///< Limit: per kind (addresses, logins, known-good pairs)
};

class LoginGuard {
public:
    explicit LoginGuard(GuardPolicy policy = {}) : policy_(policy) {}

    /// Nothing if the attempt may be made; otherwise how long further attempts will be refused.
    std::optional<Duration> refused(std::string_view address, std::string_view login, Instant now);

    /// Counts a failure; returns how long to hold back the answer.
    Duration failed(std::string_view address, std::string_view login, Instant now);

    /// Counts a success: the pair becomes known-good and the login's failures are forgiven.
    void succeeded(std::string_view address, std::string_view login, Instant now);

private:
    struct Entry {
        double failures = 0;
        Instant touched{};
        Instant paused_until{};
        Instant good_since{}; // known-good pairs only: the last success
        std::list<std::string>::iterator age;
    };

    struct Table {
        std::unordered_map<std::string, Entry> entries;
        std::list<std::string> by_age; // front: touched last
    };

    Entry& touch(Table& table, const std::string& key, Instant now);

    GuardPolicy policy_;
    std::mutex mutex_;
    Table addresses_;
    Table logins_;
    Table known_good_;
};

} // namespace tegami::directory
