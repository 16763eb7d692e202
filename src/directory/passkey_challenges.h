// What browsers were asked to have signed by a passkey: for five minutes, each once, and each for what it was made for. In memory: a
// restart asks again. From any thread.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "directory/login_client.h"
#include "directory/types.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

inline constexpr auto kPasskeyChallengeTime = std::chrono::minutes(5);
/// Limit: challenges of one network, and of all; the oldest gives way.
inline constexpr std::size_t kChallengesPerNetworkMax = 64;
inline constexpr std::size_t kChallengesMax = 10'000;

class PasskeyChallenges {
public:
    /// What one is for: signing in, or a new passkey of somebody who is signed in.
    struct Purpose {
        AccountId account{};       ///< whose new passkey; none: signing in
        std::string web_session{}; ///< in which it is made

        bool operator==(const Purpose&) const = default;
    };

    /// `random` outlives it.
    explicit PasskeyChallenges(RandomSource& random) : random_(random) {}

    /// 256 bits, as octets. `client` is where the request comes from.
    std::string give(Purpose purpose, const ClientAddress& client, Instant now);
    /// Whether it was made for that, not long ago; it is gone then.
    bool take(std::string_view challenge, const Purpose& purpose, Instant now);

private:
    struct Entry {
        std::string challenge;
        Purpose purpose;
        std::string network;
        Instant until{};
    };

    void make_room(const std::string& network, Instant now);

    RandomSource& random_;
    std::mutex mutex_;
    std::deque<Entry> entries_; // front: given first
};

} // namespace tegami::directory
