#include "async/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>

namespace tegami::async {

// A timer that is never due: Asio then owns the suspended coroutine,
// cancels it with its task and destroys it with its context.
struct Event::State {
    explicit State(const Executor& on) : executor(on), never(on, boost::asio::steady_timer::time_point::max()) {}

    Executor executor;
    boost::asio::steady_timer never;
    std::atomic<bool> set = false;
};

Event::Event(Executor executor) : state_(std::make_shared<State>(executor)) {}

Awaitable<> Event::wait() const {
    return wait_for(state_);
}

Awaitable<> Event::wait_for(std::shared_ptr<State> state) {
    // A wait that ended because of the task's cancellation leaves the loop through the next co_await, which throws.
    while (!state->set)
        co_await state->never.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

void Event::set() const {
    if (state_->set.exchange(true)) return;
    boost::asio::post(state_->executor, [state = state_] { state->never.cancel(); });
}

void Event::reset() const {
    state_->set = false;
}

bool Event::is_set() const {
    return state_->set;
}

} // namespace tegami::async
