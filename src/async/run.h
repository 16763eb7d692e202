// Runs one coroutine to its end on real time, on the calling thread: for tests, the command line and start-up.
//
// The context outlives every thread that may wake the coroutine (worker pools, other contexts): a thread is still
// inside the context for a moment after what it posted there has run.
#pragma once

#include "async/virtual_time.h"

#include <stdexcept>

namespace tegami::async {

/// Runs `context` on this thread until `work` ends; returns its value or throws what it throws.
template <class T>
T run_on(boost::asio::io_context& context, Awaitable<T> work) {
    auto outcome = std::make_shared<detail::Outcome<T>>();
    detail::start(context, detail::keep_value(std::move(work), outcome), outcome);
    context.restart();
    while (!outcome->done && context.run_one() != 0) {
    }
    if (!outcome->done) throw std::logic_error("the coroutine waits for something that cannot happen");
    return outcome->take();
}

} // namespace tegami::async
