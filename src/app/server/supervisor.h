// Keeps the tasks of a server running that nobody awaits, so that none ends in silence.
//
// - Essential ones: everybody needs them and nobody else can take over. If one ends or throws, the supervisor says so in
//   the log and tells the server's owner to end the process: what was acknowledged is durable, and the service manager
//   starts it again.
// - Those that begin anew: they keep nothing that a new beginning would lose, and mail goes on without them for a while.
//
// From the thread of the group, but for fail() and stop().
#pragma once

#include "async/task_group.h"
#include "async/timer.h"
#include "base/log.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace tegami::app {

/// Before a task that broke off begins anew.
inline constexpr auto kPauseBeforeNewBeginning = std::chrono::seconds(10);

class Supervisor {
public:
    /// `on_failure` is called once, from any thread. The others outlive it.
    Supervisor(Log& log, async::Timers& timers, std::function<void()> on_failure)
        : log_(log), timers_(timers), on_failure_(std::move(on_failure)) {}

    /// Runs the task in the group; it is not to end before stop().
    void run_essential(async::TaskGroup& group, std::string name, async::Awaitable<> task);
    /// Runs what `task` returns, and again after a pause whenever that ends before stop().
    void run_again(async::TaskGroup& group, std::string name, std::function<async::Awaitable<>()> task);
    /// Something that everybody needs has ended.
    void fail(std::string_view part, std::string_view reason);

    /// From now on tasks may end.
    void stop() { stopping_ = true; }

private:
    async::Awaitable<> watch(std::string name, async::Awaitable<> task);
    async::Awaitable<> repeat(std::string name, std::function<async::Awaitable<>()> task);

    Log& log_;
    async::Timers& timers_;
    const std::function<void()> on_failure_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> failed_ = false;
};

} // namespace tegami::app
