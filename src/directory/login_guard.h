// How patient to be with wrong passwords: counts failures by client address, by login name and by both, answers them
// ever later, and for a while refuses to try at all. Pure: the time is passed in, the caller does the waiting.
//
// 1. Failures fade: every half-life without another one halves them.
// 2. Who guesses at one login is stopped first at the pair of address and login, then
//    at the address. A login as a whole is refused only to places it has not been
//    used from, and only after so many failures that they came from many addresses.
// 3. Where a login has succeeded before (its network), only failures of the same address at the same login count, and
//    pause it for a short time: no stranger's failures lock an owner out of a known place.
// 4. Memory is bounded: beyond a number of entries the one untouched for longest is forgotten. Known places are kept
//    durably by the caller, who brings them back with `know`.
// 5. One client has an IPv4 address or the /64 of an IPv6 address to itself; a place is a /24 or a /48.
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
#include <vector>

namespace tegami::directory {

struct GuardPolicy {
    Duration first_delay = std::chrono::seconds(1); ///< before the answer to the first failure; doubles
    Duration longest_delay = std::chrono::seconds(16);
    Duration half_life = std::chrono::minutes(10);
    /// Failures of a client at one login, of a client, and at one
    /// login, after which further attempts are refused for a while.
    double pair_failures_max = 10;
    double address_failures_max = 20;
    double login_failures_max = 50;
    Duration first_pause = std::chrono::seconds(30); ///< doubles with every further failure
    Duration longest_pause = std::chrono::minutes(15);
    std::size_t entries_max = 50'000; ///< Limit: per kind (addresses, logins, pairs, known places)
};

/// Somebody whose attempts are refused at the moment.
struct LoginPause {
    std::string client; ///< an IPv4 address or the first one of a /64; empty: wherever the login is not known
    std::string login;  ///< empty: at any
    Duration left{};
};

/// Limit: pauses that are told.
inline constexpr std::size_t kLoginPausesMax = 500;

/// The place of a client's address: the /24 of an IPv4 address, the /48 of an IPv6 address (RFC 6177 §2), as text. What
/// is no address is a place of its own.
std::string network_of(std::string_view address);

class LoginGuard {
public:
    explicit LoginGuard(GuardPolicy policy = {}) : policy_(policy) {}

    /// Nothing if the attempt may be made; otherwise how long further attempts will be refused.
    std::optional<Duration> refused(std::string_view address, std::string_view login, Instant now);

    /// Counts a failure; returns how long to hold back the answer.
    Duration failed(std::string_view address, std::string_view login, Instant now);

    /// Counts a success: the login is known in this place, and its failures are forgiven. True for the first one of a
    /// day: the caller is to remember the place.
    bool succeeded(std::string_view address, std::string_view login, Instant now);

    /// The login is known in the place of this address, as the caller remembers.
    void know(std::string_view address, std::string_view login, Instant now);
    bool knows(std::string_view address, std::string_view login);

    /// Who is refused now, the longest first; at most kLoginPausesMax.
    std::vector<LoginPause> pauses(Instant now);
    /// Forgets the failures of a client's address, or at a login, or all if both are empty; returns how many were
    /// refused.
    std::size_t lift(std::string_view address, std::string_view login, Instant now);

private:
    struct Entry {
        double failures = 0;
        Instant touched{};
        Instant paused_until{};
        std::optional<Instant> noted; // known places only: when succeeded() last returned true
        std::list<std::string>::iterator age;
    };

    struct Table {
        std::unordered_map<std::string, Entry> entries;
        std::list<std::string> by_age; // front: touched last
    };

    Entry& touch(Table& table, const std::string& key, Instant now);
    static void forget(Table& table, const std::string& key);

    GuardPolicy policy_;
    std::mutex mutex_;
    Table addresses_;
    Table logins_;
    Table pairs_;
    Table known_; // by place and login
};

} // namespace tegami::directory
