#include "store/account_cache.h"

#include "base/assert.h"

#include <algorithm>
#include <vector>

namespace tegami::store {

namespace {

/// What an account without open mailboxes takes, roughly.
constexpr std::size_t kAccountBytes = 8 << 10;
/// Limit: accounts that trim() looks at before others get the mutex.
constexpr std::size_t kTrimAtOnce = 32;

} // namespace

AccountCache::Place::~Place() {
    if (!mutex_) return; // moved away
    lock_.unlock();
    mutex_.reset();
    const std::lock_guard guard(cache_->guard_);
    const auto place = cache_->places_.find(id_);
    if (place != cache_->places_.end() && place->second.expired()) cache_->places_.erase(place);
}

async::Awaitable<AccountCache::Place> AccountCache::lock(AccountId id) {
    std::shared_ptr<async::Mutex> mutex;
    {
        const std::lock_guard guard(guard_);
        std::weak_ptr<async::Mutex>& known = places_[id];
        mutex = known.lock();
        if (!mutex) known = mutex = std::make_shared<async::Mutex>();
    }
    Place place(this, id, std::move(mutex));
    place.lock_ = co_await place.mutex_->lock();
    co_return place;
}

AccountPtr AccountCache::find(AccountId id) {
    const std::lock_guard guard(guard_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.end(), order_, found->second);
    return found->second->account;
}

void AccountCache::put(AccountId id, AccountPtr account) {
    const std::lock_guard guard(guard_);
    account->core_->published().set_hidden(hidden_.contains(id));
    const auto [entry, added] = entries_.try_emplace(id, order_.insert(order_.end(), Entry{id, std::move(account)}));
    ASSERT(added);
}

void AccountCache::erase(AccountId id) {
    AccountPtr gone; // freed without the mutex
    const std::lock_guard guard(guard_);
    hidden_.erase(id);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    gone = std::move(found->second->account);
    order_.erase(found->second);
    entries_.erase(found);
}

void AccountCache::set_hidden(AccountId id, bool hidden) {
    const std::lock_guard guard(guard_);
    if (hidden)
        hidden_.insert(id);
    else
        hidden_.erase(id);
    if (const auto entry = entries_.find(id); entry != entries_.end())
        entry->second->account->core_->published().set_hidden(hidden);
}

bool AccountCache::is_hidden(AccountId id) const {
    const std::lock_guard guard(guard_);
    return hidden_.contains(id);
}

std::size_t AccountCache::bytes() const {
    const std::lock_guard guard(guard_);
    return view_memory_->load() + entries_.size() * kAccountBytes;
}

void AccountCache::trim(std::size_t bytes_max, std::size_t count_max) {
    while (count_max > 0 && bytes() > bytes_max) {
        std::vector<AccountPtr> dropped; // freed without the mutex, some at a time
        std::vector<AccountPtr> in_use;
        {
            const std::lock_guard guard(guard_);
            count_max = std::min(count_max, entries_.size());
            std::size_t bytes = view_memory_->load() + entries_.size() * kAccountBytes;
            for (std::size_t looked = 0; looked < kTrimAtOnce && count_max > 0 && bytes > bytes_max; ++looked) {
                --count_max;
                const auto entry = order_.begin();
                if (entry->account.use_count() > 1) {
                    // It counts as used just now, so that the next call does not look at it first.
                    in_use.push_back(entry->account);
                    order_.splice(order_.end(), order_, entry);
                    continue;
                }
                bytes -= std::min(bytes, kAccountBytes + entry->account->core_->published().memory_bytes() +
                                             entry->account->core_->views().memory_bytes());
                dropped.push_back(std::move(entry->account));
                entries_.erase(entry->id);
                order_.erase(entry);
            }
        }
        for (const AccountPtr& account : in_use)
            account->trim();
    }
}

} // namespace tegami::store
