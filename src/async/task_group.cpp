#include "async/task_group.h"

#include "async/event.h"
#include "base/assert.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <list>
#include <mutex>
#include <vector>

namespace tegami::async {

struct TaskGroup::Task {
    std::string name;
    boost::asio::cancellation_signal signal;
    std::list<std::shared_ptr<Task>>::iterator place;
};

struct TaskGroup::State {
    State(const Executor& on, FailureCallback callback) : executor(on), on_failure(std::move(callback)) {}

    const Executor executor;
    const FailureCallback on_failure;
    std::mutex guard;
    bool cancelled = false;
    std::list<std::shared_ptr<Task>> tasks;
    std::vector<Event> joiners;
};

namespace {

bool is_cancellation(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& system) {
        return system.code() == boost::asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

} // namespace

TaskGroup::TaskGroup(Executor executor, FailureCallback on_failure)
    : state_(std::make_shared<State>(executor, std::move(on_failure))) {}

TaskGroup::~TaskGroup() {
    ASSERT(running() == 0);
}

void TaskGroup::spawn(std::string name, Awaitable<> task) {
    const auto entry = std::make_shared<Task>();
    entry->name = std::move(name);
    {
        const std::lock_guard lock(state_->guard);
        if (state_->cancelled) return;
        entry->place = state_->tasks.insert(state_->tasks.end(), entry);
    }
    boost::asio::post(state_->executor, [state = state_, entry, work = std::move(task)]() mutable {
        start(std::move(state), entry, std::move(work));
    });
}

void TaskGroup::start(std::shared_ptr<State> state, std::shared_ptr<Task> task, Awaitable<> work) {
    bool cancelled = false;
    {
        const std::lock_guard lock(state->guard);
        cancelled = state->cancelled;
    }
    if (cancelled) return finish(*state, *task, nullptr);
    const auto slot = task->signal.slot();
    boost::asio::co_spawn(state->executor, std::move(work),
                          boost::asio::bind_cancellation_slot(
                              slot, [state, task](std::exception_ptr error) { finish(*state, *task, error); }));
}

void TaskGroup::finish(State& state, Task& task, std::exception_ptr error) {
    bool cancelled = false;
    {
        const std::lock_guard lock(state.guard);
        cancelled = state.cancelled;
    }
    if (error && !(cancelled && is_cancellation(error))) state.on_failure(task.name, describe(error));
    std::vector<Event> joiners;
    {
        const std::lock_guard lock(state.guard);
        state.tasks.erase(task.place);
        if (state.tasks.empty()) joiners.swap(state.joiners);
    }
    for (const Event& joiner : joiners)
        joiner.set();
}

void TaskGroup::cancel() {
    {
        const std::lock_guard lock(state_->guard);
        state_->cancelled = true;
    }
    boost::asio::post(state_->executor, [state = state_] {
        std::vector<std::shared_ptr<Task>> tasks;
        {
            const std::lock_guard lock(state->guard);
            tasks.assign(state->tasks.begin(), state->tasks.end());
        }
        for (const std::shared_ptr<Task>& task : tasks)
            task->signal.emit(boost::asio::cancellation_type::terminal);
    });
}

std::size_t TaskGroup::running() const {
    const std::lock_guard lock(state_->guard);
    return state_->tasks.size();
}

Awaitable<> TaskGroup::join() {
    const std::shared_ptr<State> state = state_;
    const Executor executor = co_await boost::asio::this_coro::executor;
    for (;;) {
        const Event empty(executor);
        {
            const std::lock_guard lock(state->guard);
            if (state->tasks.empty()) co_return;
            state->joiners.push_back(empty);
        }
        co_await empty.wait();
    }
}

Executor TaskGroup::executor() const {
    return state_->executor;
}

} // namespace tegami::async
