#include "app/server/supervisor.h"

#include <exception>

namespace tegami::app {

namespace {

/// Runs the task to its end, whatever that is; why it ended.
async::Awaitable<std::string> end_of(async::Awaitable<> task) {
    try {
        co_await std::move(task);
    } catch (const std::exception& error) {
        co_return error.what();
    } catch (...) {
        co_return "an exception of unknown type";
    }
    co_return "it ended";
}

} // namespace

void Supervisor::run_essential(async::TaskGroup& group, std::string name, async::Awaitable<> task) {
    std::string task_name = name;
    group.spawn(std::move(task_name), watch(std::move(name), std::move(task)));
}

void Supervisor::run_again(async::TaskGroup& group, std::string name, std::function<async::Awaitable<>()> task) {
    std::string task_name = name;
    group.spawn(std::move(task_name), repeat(std::move(name), std::move(task)));
}

async::Awaitable<> Supervisor::watch(std::string name, async::Awaitable<> task) {
    const std::string reason = co_await end_of(std::move(task));
    if (!stopping_) fail(name, reason);
}

async::Awaitable<> Supervisor::repeat(std::string name, std::function<async::Awaitable<>()> task) {
    while (!stopping_) {
        const std::string reason = co_await end_of(task());
        if (stopping_) co_return;
        log_.error("a task broke off and begins anew", {{"task", name}, {"reason", reason}});
        co_await async::sleep(&timers_, kPauseBeforeNewBeginning);
    }
}

void Supervisor::fail(std::string_view part, std::string_view reason) {
    log_.error("a part that everybody needs has ended: the process ends, to be started again",
               {{"part", part}, {"reason", reason}});
    if (!failed_.exchange(true)) on_failure_();
}

} // namespace tegami::app
