// Time for tests and simulation: everything that is ready runs, then the clock jumps to the next alarm. A minute of
// time-outs costs microseconds, and the same seed gives the same run.
//
// 1. One thread. Nothing here waits for the machine's clock, and no code under it may use another thread.
// 2. Alarms due at the same instant ring in an order drawn from the seed, so that no code can rely on one.
// 3. It owns the io_context: destroy what runs on it (task groups joined) before it.
#pragma once

#include "async/timer.h"
#include "base/random.h"

#include <boost/asio/io_context.hpp>

#include <compare>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>

namespace tegami::async {

class VirtualTime final : public Timers {
public:
    explicit VirtualTime(std::uint64_t seed);
    ~VirtualTime() override;
    VirtualTime(const VirtualTime&) = delete;
    VirtualTime& operator=(const VirtualTime&) = delete;

    Timestamp now() const override;

    Instant instant() const override { return instant_; }

    std::unique_ptr<Timer> make_timer(Executor executor) override;

    Executor executor() { return context_.get_executor(); }

    /// The seed's generator: the only source of chance in a simulation.
    RandomSource& random() { return random_; }

    /// How many handlers have run: by this a test counts the turns that long work was cut into.
    std::uint64_t handlers_run() const { return handlers_run_; }

    /// Runs until nothing is ready and no alarm is set.
    void run();
    /// Runs everything that happens in the next `duration`; the clock then stands at its end.
    void run_for(Duration duration);

    /// Runs until `work` ends and returns its value; throws what it throws, and std::logic_error if it can never end
    /// because nothing is left that would wake it.
    template <class T>
    T run(Awaitable<T> work);

private:
    class VirtualTimer;

    struct AlarmKey {
        Instant due;
        std::uint64_t tie;
        std::uint64_t number;
        auto operator<=>(const AlarmKey&) const = default;
    };

    AlarmKey add(Instant due, std::function<void()> ring);
    void remove(const AlarmKey& key);
    /// Runs what is ready, then rings the next alarm if it is due by `limit`; false if there was neither.
    bool step(Instant limit);
    [[noreturn]] static void throw_stuck();

    SeededRandom random_;
    Instant instant_;
    std::uint64_t alarms_made_ = 0;
    std::uint64_t handlers_run_ = 0;
    std::map<AlarmKey, std::function<void()>> alarms_;
    boost::asio::io_context context_{1};
};

namespace detail {

/// How a coroutine ended that was spawned for a caller that is none.
struct Ending {
    bool done = false;
    std::exception_ptr error;
};

/// And where it leaves its value.
template <class T>
struct Outcome : Ending {
    std::conditional_t<std::is_void_v<T>, std::optional<bool>, std::optional<T>> value;

    T take() {
        if (error) std::rethrow_exception(error);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }
};

/// Starts `work` on `context`.
void start(boost::asio::io_context& context, Awaitable<> work, std::shared_ptr<Ending> ending);

template <class T>
Awaitable<> keep_value(Awaitable<T> work, std::shared_ptr<Outcome<T>> outcome) {
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
    } else {
        T value = co_await std::move(work);
        outcome->value.emplace(std::move(value));
    }
}

} // namespace detail

template <class T>
T VirtualTime::run(Awaitable<T> work) {
    auto outcome = std::make_shared<detail::Outcome<T>>();
    detail::start(context_, detail::keep_value(std::move(work), outcome), outcome);
    while (!outcome->done)
        if (!step(Instant::max())) throw_stuck();
    return outcome->take();
}

} // namespace tegami::async
