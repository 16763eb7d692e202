#include "service/webd/account_places.h"

namespace tegami::webd {

async::Awaitable<std::optional<AccountPlaces::Place>> AccountPlaces::take(store::AccountId account) {
    const auto [lanes, lane] = next_lane(account);
    async::Mutex::Lock lock = co_await lane->lock();
    if (!begin()) co_return std::nullopt;
    co_return std::optional<Place>(std::in_place, this, lanes, std::move(lock));
}

std::pair<std::shared_ptr<AccountPlaces::Lanes>, async::Mutex*> AccountPlaces::next_lane(store::AccountId account) {
    const std::lock_guard guard(guard_);
    std::erase_if(accounts_, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<Lanes> lanes = accounts_[account].lock();
    if (!lanes) accounts_[account] = lanes = std::make_shared<Lanes>();
    return {lanes, &lanes->each[lanes->next++ % kEachMax]};
}

bool AccountPlaces::begin() {
    const std::lock_guard guard(guard_);
    if (taken_ == kAllMax) return false;
    ++taken_;
    return true;
}

void AccountPlaces::end() {
    const std::lock_guard guard(guard_);
    --taken_;
}

} // namespace tegami::webd
