// The source of time for shells: a clock that also wakes. Real time and VirtualTime are its two worlds.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"

#include <functional>
#include <memory>

namespace tegami::async {

/// One alarm. Used from one thread: that of its executor.
class Timer {
public:
    virtual ~Timer() = default; ///< disarms
    /// Calls `then` once on the executor at `due`, or soon if that is past. Replaces an alarm that has not fired.
    virtual void arm(Instant due, std::function<void()> then) = 0;
    /// The alarm, if it has not fired, never does.
    virtual void disarm() = 0;
};

class Timers : public Clock {
public:
    virtual std::unique_ptr<Timer> make_timer(Executor executor) = 0;
};

/// The machine's time. May be used from any thread.
class RealTimers final : public Timers {
public:
    Timestamp now() const override { return clock_.now(); }

    Instant instant() const override { return clock_.instant(); }

    std::chrono::minutes zone(Timestamp moment) const override { return clock_.zone(moment); }

    std::unique_ptr<Timer> make_timer(Executor executor) override;

private:
    SystemClock clock_;
};

/// Suspends the calling coroutine until `due`. Ends early, by exception, if its task is cancelled.
Awaitable<> sleep_until(Timers* timers, Instant due);

/// Suspends the calling coroutine for `duration`.
Awaitable<> sleep(Timers* timers, Duration duration);

} // namespace tegami::async
