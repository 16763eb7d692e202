#include "net/unanswered_requests.h"

#include "async/first_of.h"

#include <boost/asio/this_coro.hpp>

namespace tegami::net {

void UnansweredRequests::enter() {
    const std::lock_guard lock(guard_);
    ++count_;
}

void UnansweredRequests::leave() {
    const std::lock_guard lock(guard_);
    if (--count_ == 0 && waiter_) waiter_->set();
}

async::Awaitable<> UnansweredRequests::wait_for_none(async::Timers* timers, Instant last) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const async::Event none(executor);
    {
        const std::lock_guard lock(guard_);
        if (count_ == 0) co_return;
        waiter_ = none;
    }
    co_await async::first_of(none.wait(), async::sleep_until(timers, last));
    const std::lock_guard lock(guard_);
    waiter_.reset();
}

} // namespace tegami::net
