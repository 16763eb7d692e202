// What relay/ remembers of each place it delivers to (a mail domain or an account of ours): how many deliveries may be
// under way at once and which are, connections that wait for the next message, where its servers are, and since when
// nobody answers there. Lives on the relay's one thread.
#pragma once

#include "relay/connection.h"
#include "relay/route.h"
#include "store/queue.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::relay {

/// Limit: deliveries to one destination at once; begins low and grows while all goes well.
inline constexpr std::size_t kPlacesAtFirst = 2;
inline constexpr std::size_t kPlacesMax = 20;
/// Limit: messages over one connection, then a new one.
inline constexpr std::size_t kMessagesPerConnection = 100;
/// Limit: destinations remembered without anything going on there.
inline constexpr std::size_t kDestinationsMax = 10'000;
/// How long an idle connection waits for the next message.
inline constexpr auto kIdleTime = std::chrono::seconds(5);
/// How long a domain is left alone after none of its servers could be reached.
inline constexpr auto kDownTime = std::chrono::minutes(1);

/// Limit: how long one attempt goes from server to server; those that it did not come to are asked by the next one.
inline constexpr auto kSearchTime = std::chrono::minutes(30);

struct IdleConnection {
    std::unique_ptr<Connection> connection;
    std::size_t messages = 0;
    Instant since{};
};

class Destination {
public:
    /// One delivery; its place is free again when it is destroyed. `went_well` makes more of them possible, otherwise
    /// they become half as many.
    class Place {
    public:
        explicit Place(Destination& destination) : destination_(destination) { ++destination_.active_; }

        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        bool went_well = false;

    private:
        Destination& destination_;
    };

    std::size_t free_places() const { return places_ - std::min(active_, places_); }

    /// Deliveries under way.
    std::size_t active() const { return active_; }

    /// The connection used last that is still open, if any.
    std::optional<IdleConnection> take_idle();
    void put_idle(IdleConnection idle);
    /// Connections that have waited since before `limit`.
    std::vector<IdleConnection> take_idle_since(Instant limit);

    void mark_down(Instant until, ServerResult why);
    /// Why nothing should be tried at `now`.
    const ServerResult* down(Instant now) const;

    void forget_down() { down_until_ = Instant::min(); }

    bool unused() const { return active_ == 0 && under_way.empty() && idle_.empty() && !ready; }

    /// Items that nobody else may work on: being delivered, concluded or reported.
    std::set<store::QueueItemId> under_way;
    /// The relay's list of destinations with something due has it.
    bool ready = false;
    std::shared_ptr<KnownRoute> route;

private:
    std::size_t active_ = 0;
    std::size_t places_ = kPlacesAtFirst;
    std::vector<IdleConnection> idle_;
    Instant down_until_ = Instant::min();
    ServerResult down_reason_;
};

} // namespace tegami::relay
