#include "async/mutex.h"

#include "base/assert.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace tegami::async {

struct Mutex::Waiter {
    explicit Waiter(const Executor& executor) : turn(executor) {}

    const Event turn;
    bool owns = false; ///< set under guard_, before `turn`
};

/// A place in the queue, given up if the waiting coroutine is destroyed or cancelled.
class Mutex::Turn {
public:
    Turn(Mutex* mutex, std::shared_ptr<Waiter> waiter) : mutex_(mutex), waiter_(std::move(waiter)) {}

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    ~Turn() {
        if (!taken_) mutex_->abandon(waiter_.get());
    }

    void take() { taken_ = true; }

private:
    Mutex* const mutex_;
    const std::shared_ptr<Waiter> waiter_;
    bool taken_ = false;
};

Mutex::~Mutex() {
    ASSERT(!owned_);
}

Awaitable<Mutex::Lock> Mutex::lock() {
    const Executor executor = co_await boost::asio::this_coro::executor;
    std::shared_ptr<Waiter> waiter;
    {
        const std::lock_guard lock(guard_);
        if (!owned_) {
            owned_ = true;
        } else {
            waiter = std::make_shared<Waiter>(executor);
            waiters_.push_back(waiter);
        }
    }
    if (waiter) {
        Turn turn(this, waiter);
        co_await waiter->turn.wait();
        turn.take();
    }
    co_return Lock(this);
}

void Mutex::release() {
    std::shared_ptr<Waiter> next;
    {
        const std::lock_guard lock(guard_);
        ASSERT(owned_);
        if (waiters_.empty()) {
            owned_ = false;
            return;
        }
        next = std::move(waiters_.front());
        waiters_.pop_front();
        next->owns = true;
    }
    next->turn.set();
}

void Mutex::abandon(Waiter* waiter) {
    bool owned = false;
    {
        const std::lock_guard lock(guard_);
        owned = waiter->owns;
        if (!owned) std::erase_if(waiters_, [waiter](const auto& other) { return other.get() == waiter; });
    }
    if (owned) release();
}

} // namespace tegami::async
