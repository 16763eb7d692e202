// The I/O threads: one io_context and one thread per core. A connection is born and dies on one of them.
#pragma once

#include "async/awaitable.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace tegami::async {

class ContextPool {
public:
    /// Told of an exception that left a handler, which is a bug; called on the thread it happened on.
    using FailureCallback = std::function<void(std::string_view reason)>;

    /// Starts `threads` threads (at least one).
    ContextPool(std::size_t threads, FailureCallback on_failure);
    ~ContextPool(); ///< stops and joins
    ContextPool(const ContextPool&) = delete;
    ContextPool& operator=(const ContextPool&) = delete;

    std::size_t size() const;
    Executor executor(std::size_t number);
    /// Every context in turn; from any thread.
    Executor next();
    /// Lets the threads end once no work is left on them. From any thread.
    void release();
    /// Ends the threads after what they do now; suspended coroutines stay suspended. From any thread.
    void stop();
    /// Waits for the threads to end, after release() or stop(). Not from one of them.
    void join();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tegami::async
