// Who has shown the right password to the web face and owes a code: for five minutes, and one try each. In memory: a restart
// asks for the password again. From any thread.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "directory/credentials.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

inline constexpr auto kTicketTime = std::chrono::minutes(5);
/// Limit: tickets of one account, and of all; the oldest gives way.
inline constexpr std::size_t kTicketsPerAccountMax = 4;
inline constexpr std::size_t kTicketsMax = 10'000;

class SignInTickets {
public:
    struct Owing {
        Identity user;
        std::string login; ///< what failures are counted under
    };

    /// `random` outlives it.
    explicit SignInTickets(RandomSource& random) : random_(random) {}

    /// A ticket, which nobody guesses.
    std::string give(Owing owing, Instant now);
    /// Whose it is; it is gone then. Nothing if it is over, or none.
    std::optional<Owing> take(std::string_view ticket, Instant now);

private:
    struct Entry {
        std::string ticket;
        Owing owing;
        Instant until{};
    };

    void make_room(AccountId account, Instant now);

    RandomSource& random_;
    std::mutex mutex_;
    std::deque<Entry> entries_; // front: given first
};

} // namespace tegami::directory
