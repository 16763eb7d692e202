#include "store/append_feed.h"

#include "base/assert.h"

#include <boost/asio/this_coro.hpp>

namespace tegami::store {

void AppendFeed::tell(AccountId account) {
    const std::lock_guard lock(guard_);
    if (!arrived_) return;
    if (told_.size() < kFeedAccountsMax) told_.insert(account);
    if (accounts_.size() < kFeedAccountsMax)
        accounts_.insert(account);
    else
        lost_ = lost_ || !accounts_.contains(account);
    arrived_->set();
}

void AppendFeed::listen(async::Executor executor) {
    const std::lock_guard lock(guard_);
    arrived_.emplace(std::move(executor));
    accounts_.clear();
    lost_ = false;
}

void AppendFeed::stop() {
    const std::lock_guard lock(guard_);
    arrived_.reset();
}

async::Awaitable<> AppendFeed::wait(async::Timers* timers, Instant deadline) {
    ASSERT(arrived_);
    const async::Event arrived = *arrived_;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const std::unique_ptr<async::Timer> alarm = timers->make_timer(executor);
    alarm->arm(deadline, [arrived] { arrived.set(); });
    co_await arrived.wait();
}

AppendFeed::News AppendFeed::take() {
    const std::lock_guard lock(guard_);
    if (arrived_) arrived_->reset();
    const std::set<AccountId> taken = std::exchange(accounts_, {});
    return {.accounts = {taken.begin(), taken.end()}, .lost = std::exchange(lost_, false)};
}

std::set<AccountId> AppendFeed::told() {
    const std::lock_guard lock(guard_);
    return std::exchange(told_, {});
}

} // namespace tegami::store
