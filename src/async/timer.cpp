#include "async/timer.h"

#include "async/event.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace tegami::async {

namespace {

/// Far enough for any alarm, and small enough to count in nanoseconds.
constexpr Duration kDelayMax = std::chrono::years(10);

class RealTimer final : public Timer {
public:
    RealTimer(const Executor& executor, const Clock* clock)
        : state_(std::make_shared<State>(executor)), clock_(clock) {}

    ~RealTimer() override { disarm(); }

    void arm(Instant due, std::function<void()> then) override {
        const Instant now = clock_->instant();
        state_->then = std::move(then);
        state_->timer.expires_after(due <= now ? Duration::zero() : std::min(due - now, kDelayMax));
        state_->timer.async_wait([state = state_, generation = ++state_->generation](boost::system::error_code error) {
            // A wait that was already over when it was replaced comes here without an error.
            if (error || state->generation != generation) return;
            const std::function<void()> ring = std::exchange(state->then, nullptr);
            ring();
        });
    }

    void disarm() override {
        ++state_->generation;
        state_->then = nullptr;
        state_->timer.cancel();
    }

private:
    struct State {
        explicit State(const Executor& executor) : timer(executor) {}

        boost::asio::steady_timer timer;
        std::uint64_t generation = 0;
        std::function<void()> then;
    };

    const std::shared_ptr<State> state_;
    const Clock* const clock_;
};

} // namespace

std::unique_ptr<Timer> RealTimers::make_timer(Executor executor) {
    return std::make_unique<RealTimer>(executor, &clock_);
}

Awaitable<> sleep_until(Timers* timers, Instant due) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    const Event rung(executor);
    const std::unique_ptr<Timer> alarm = timers->make_timer(executor);
    alarm->arm(due, [rung] { rung.set(); });
    co_await rung.wait();
}

Awaitable<> sleep(Timers* timers, Duration duration) {
    return sleep_until(timers, timers->instant() + duration);
}

} // namespace tegami::async
