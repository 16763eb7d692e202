// Event: one coroutine waits until anyone, on any thread, says so. The one way in which code of ours that is not
// Asio's wakes a coroutine.
//
// 1. The waiter resumes on the executor given, never inside set().
// 2. Waiting ends by set() or by the cancellation of the task (then the await throws operation_aborted).
// 3. A copy is the same event; it lives as long as its last copy or waiter.
#pragma once

#include "async/awaitable.h"

#include <memory>

namespace tegami::async {

class Event {
public:
    /// `executor` runs on one thread: the one that waits.
    explicit Event(Executor executor);

    /// Returns once the event is set; at once if it is. At most one coroutine waits at a time.
    Awaitable<> wait() const;
    /// From any thread.
    void set() const;
    /// From the waiting thread: the event is as new.
    void reset() const;
    bool is_set() const;

private:
    struct State;
    static Awaitable<> wait_for(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

} // namespace tegami::async
