// News from any thread to one coroutine on its own context, in bounded memory: IDLE, NOTIFY and push.
//
// 1. post() never blocks and never grows the channel beyond its bound: on overflow the items are thrown away and the
//    receiver is told to resync, that is, to look at the state itself.
// 2. Items arrive in the order in which they were posted. One receiver, who may have several channels.
#pragma once

#include "async/event.h"
#include "async/timer.h"

#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace tegami::async {

/// What a receiver takes at once. All fields empty: the time ran out, or a channel beside this one has something.
template <class T>
struct News {
    std::vector<T> items;
    bool resync = false; ///< items were lost before these
    bool closed = false; ///< nothing will follow

    bool empty() const { return items.empty() && !resync && !closed; }
};

template <class T>
class Channel {
public:
    /// `executor` is the receiver's.
    Channel(Executor executor, std::size_t items_max) : arrived_(std::move(executor)), items_max_(items_max) {}

    /// One more for the receiver of `first`, who waits for that one alone: an item here ends the wait, too. Whoever takes
    /// from `first` takes from this one then.
    Channel(const Channel& first, std::size_t items_max)
        : arrived_(first.arrived_), is_first_(false), items_max_(items_max) {}

    /// From any thread.
    void post(T item) {
        {
            const std::lock_guard lock(guard_);
            if (news_.closed) return;
            if (news_.items.size() >= items_max_) {
                news_.items.clear();
                news_.resync = true;
            } else if (!news_.resync) {
                news_.items.push_back(std::move(item));
            }
        }
        arrived_.set();
    }

    /// From any thread: ends the receiver's wait; later posts are ignored.
    void close() {
        {
            const std::lock_guard lock(guard_);
            news_.closed = true;
        }
        arrived_.set();
    }

    /// Takes all that has arrived, without waiting.
    News<T> take() {
        if (is_first_) arrived_.reset();
        const std::lock_guard lock(guard_);
        News<T> taken = std::exchange(news_, News<T>{});
        news_.closed = taken.closed;
        return taken;
    }

    /// Suspends until something has arrived; take() has it then.
    Awaitable<> wait() { return arrived_.wait(); }

    /// Takes all that has arrived, after waiting until `deadline` for it, or for something in a channel beside this one.
    Awaitable<News<T>> receive(Timers* timers, Instant deadline) {
        const Event arrived = arrived_;
        const Executor executor = co_await boost::asio::this_coro::executor;
        const std::unique_ptr<Timer> alarm = timers->make_timer(executor);
        alarm->arm(deadline, [arrived] { arrived.set(); });
        co_await arrived.wait();
        co_return take();
    }

private:
    const Event arrived_;
    const bool is_first_ = true;
    const std::size_t items_max_;
    std::mutex guard_;
    News<T> news_;
};

} // namespace tegami::async
