// What relay/ remembers of each domain it sends to: connections that wait for the next message, how many may be open
// at once, and since when nobody answers there. Lives on the relay's one thread.
#pragma once

#include "async/event.h"
#include "relay/connection.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::relay {

/// Limit: connections to one domain at once; begins low and grows while all goes well.
inline constexpr std::size_t kConnectionsAtFirst = 2;
inline constexpr std::size_t kConnectionsMax = 20;
/// Limit: messages over one connection, then a new one.
inline constexpr std::size_t kMessagesPerConnection = 100;
/// Limit: domains remembered without anything going on there.
inline constexpr std::size_t kDestinationsMax = 10'000;
/// How long an idle connection waits for the next message.
inline constexpr auto kIdleTime = std::chrono::seconds(5);
/// How long a domain is left alone after none of its servers could be reached.
inline constexpr auto kDownTime = std::chrono::minutes(1);

struct IdleConnection {
    std::unique_ptr<Connection> connection;
    std::size_t messages = 0;
    Instant since{};
};

class Destination {
public:
    explicit Destination(async::Executor executor) : executor_(std::move(executor)) {}

    /// Suspends until one more connection to the domain may be used.
    async::Awaitable<> enter();
    /// Gives the place back; `went_well` makes more of them possible, a failure halves them.
    void leave(bool went_well);

    /// The connection used last that is still open, if any.
    std::optional<IdleConnection> take_idle();
    void put_idle(IdleConnection idle);
    /// Connections that have waited since before `limit`.
    std::vector<IdleConnection> take_idle_since(Instant limit);

    void mark_down(Instant until, smtp::DeliveryResult why);
    /// Why nothing should be tried at `now`.
    const smtp::DeliveryResult* down(Instant now) const;

    void forget_down() { down_until_ = Instant::min(); }

    bool unused() const { return active_ == 0 && waiting_.empty() && idle_.empty(); }

private:
    async::Executor executor_;
    std::size_t active_ = 0;
    std::size_t places_ = kConnectionsAtFirst;
    std::deque<async::Event> waiting_;
    std::vector<IdleConnection> idle_;
    Instant down_until_ = Instant::min();
    smtp::DeliveryResult down_reason_;
};

} // namespace tegami::relay
