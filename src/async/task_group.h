// Owns coroutines that nobody awaits: connections, background loops. The only place that detaches one.
//
// 1. Every task runs on the group's executor (one thread), named, counted until it has ended.
// 2. An exception that leaves a task is handed to the failure callback, never lost; the others go on. The end of a
//    cancelled task (operation_aborted) is no failure.
// 3. cancel() reaches every task at its present or next co_await. A task spawned after it never starts.
// 4. Destroy the group only when it is empty: cancel(), then join().
#pragma once

#include "async/awaitable.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tegami::async {

class TaskGroup {
public:
    /// Told the task's name and the text of the exception; called on the group's thread.
    using FailureCallback = std::function<void(std::string_view task, std::string_view reason)>;

    TaskGroup(Executor executor, FailureCallback on_failure);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// From any thread; `name` is for the failure callback.
    void spawn(std::string name, Awaitable<> task);
    /// From any thread.
    void cancel();
    /// Tasks spawned and not ended; from any thread.
    std::size_t running() const;
    /// Returns when no task is left; from any thread, resumes on the caller's executor.
    Awaitable<> join();

    Executor executor() const;

private:
    struct State;
    struct Task;
    static void start(std::shared_ptr<State> state, std::shared_ptr<Task> task, Awaitable<> work);
    static void finish(State& state, Task& task, std::exception_ptr error);

    std::shared_ptr<State> state_;
};

} // namespace tegami::async
