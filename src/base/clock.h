// Time is passed in: nothing outside base, async and app reads a clock, so a test or a simulation decides what
// time it is.
#pragma once

#include <chrono>

namespace tegami {

/// A moment on the wall clock (UTC). It can jump; use it for what people read.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// A moment on a clock that never goes back. Use it for deadlines and measuring.
struct MonotonicClock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;
using Duration = std::chrono::microseconds;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    virtual Instant instant() const = 0;

    /// What the clock on the server's wall is ahead of UTC at `moment`: mail that comes then is dated by it. UTC unless
    /// a clock knows better.
    virtual std::chrono::minutes zone(Timestamp moment) const;
};

/// The machine's clocks, in the machine's zone (TZ, or /etc/localtime).
class SystemClock final : public Clock {
public:
    Timestamp now() const override;
    Instant instant() const override;
    std::chrono::minutes zone(Timestamp moment) const override;
};

} // namespace tegami
