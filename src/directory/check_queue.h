// The line in front of the password hashes: who is hashed next, and who is turned away because too many wait.
//
// 1. At most `running_max` are admitted at a time.
// 2. Those who log in from where they have logged in before go first; within each of the two kinds the networks take
//    turns, so a network with many logins waits behind its own.
// 3. At most `waiting_max` of each kind wait, `waiting_per_login_max` for one login.
//    In a full line the newest waiter of the network that has most gives way to one
//    of a network that has fewer; otherwise the newcomer is turned away at once.
//
// From any thread.
#pragma once

#include "async/awaitable.h"
#include "async/event.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace tegami::directory {

struct CheckQueueOptions {
    std::size_t running_max = 1;
    /// Limit: those who wait, of each kind. At 25 ms a hash on one core the last one waits for five seconds.
    std::size_t waiting_max = 200;
    /// Limit: those who wait with one login.
    std::size_t waiting_per_login_max = 20;
};

class CheckQueue {
public:
    explicit CheckQueue(CheckQueueOptions options) : options_(options) {}

    CheckQueue(const CheckQueue&) = delete;
    CheckQueue& operator=(const CheckQueue&) = delete;

    /// A turn; the next one is admitted when it is destroyed.
    class Turn {
    public:
        explicit Turn(CheckQueue* queue) : queue_(queue) {}

        Turn(Turn&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}

        Turn& operator=(Turn&&) = delete;

        ~Turn() {
            if (queue_ != nullptr) queue_->leave();
        }

    private:
        CheckQueue* queue_;
    };

    /// Waits for a turn; nothing if too many wait. `network` is the client's, `known`: it has logged in as `login`
    /// from there before.
    async::Awaitable<std::optional<Turn>> enter(std::string network, std::string login, bool known);

private:
    struct Waiter {
        Waiter(async::Executor executor, std::string from, std::string as)
            : decided(std::move(executor)), network(std::move(from)), login(std::move(as)) {}

        enum class State : std::uint8_t { waiting, admitted, turned_away };

        const async::Event decided;
        const std::string network;
        const std::string login;
        State state = State::waiting;
    };

    using WaiterPtr = std::shared_ptr<Waiter>;

    /// Those of one network, in the order they came.
    struct Network {
        std::string name;
        std::deque<WaiterPtr> waiters;
    };

    /// One kind; the network in front is next.
    using Line = std::list<Network>;

    class Waiting;

    bool join(Line& line, const WaiterPtr& waiter);
    bool make_room(Line& line, std::size_t own);
    static WaiterPtr take_next(Line& line);
    void abandon(const WaiterPtr& waiter);
    void leave();

    const CheckQueueOptions options_;
    std::mutex guard_;
    std::size_t running_ = 0;
    std::array<Line, 2> lines_; ///< known, then strangers
};

} // namespace tegami::directory
