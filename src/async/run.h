// Runs one coroutine to its end on an io_context of its own, on real time: for tests, the command line and start-up.
#pragma once

#include "async/virtual_time.h"

#include <stdexcept>

namespace tegami::async {

/// Runs `context` on this thread until `work` ends; returns its value or throws what it throws.
template <class T>
T run_on(boost::asio::io_context& context, Awaitable<T> work) {
    auto outcome = std::make_shared<detail::Outcome<T>>();
    detail::start(context, std::move(work), outcome);
    context.restart();
    while (!outcome->done && context.run_one() != 0) {
    }
    if (!outcome->done) throw std::logic_error("the coroutine waits for something that cannot happen");
    return outcome->take();
}

/// The same on a context that lives for this call alone.
template <class T>
T run_here(Awaitable<T> work) {
    boost::asio::io_context context(1);
    return run_on(context, std::move(work));
}

} // namespace tegami::async
