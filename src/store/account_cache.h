// The accounts that are in memory, by id and in the order of their last use.
//
// 1. No account is in memory twice: whoever reads, makes or removes one holds its place meanwhile (lock()). Different
//    accounts wait for nobody.
// 2. No call takes longer the more accounts there are, but for trim(), which looks at a bounded number.
// Any thread.
#pragma once

#include "async/mutex.h"
#include "store/account_core.h"

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace tegami::store {

class AccountCache {
public:
    /// The sole right to put an account in or take it out.
    class Place {
    public:
        Place(Place&&) = default;
        ~Place();

    private:
        friend AccountCache;

        Place(AccountCache* cache, AccountId id, std::shared_ptr<async::Mutex> mutex)
            : cache_(cache), id_(id), mutex_(std::move(mutex)) {}

        AccountCache* cache_;
        AccountId id_;
        std::shared_ptr<async::Mutex> mutex_;
        async::Mutex::Lock lock_; // goes first
    };

    async::Awaitable<Place> lock(AccountId id);

    /// Null if it is not in memory.
    AccountPtr find(AccountId id);
    /// For the holder of its place.
    void put(AccountId id, AccountPtr account);
    void erase(AccountId id);

    /// Hides the account (PublishedAccount::set_hidden), also whenever it is in memory later; ends with erase().
    void set_hidden(AccountId id, bool hidden);
    bool is_hidden(AccountId id) const;

    /// What all of them take, about.
    std::size_t bytes() const;

    /// Where what their views take is counted.
    const ViewMemory& view_memory() const { return view_memory_; }

    /// Looks at up to `count_max` accounts, from the least recently used on, until no more than `bytes_max` is taken:
    /// accounts that nobody holds go, of others the views that nobody has open.
    void trim(std::size_t bytes_max, std::size_t count_max);

private:
    struct Entry {
        AccountId id;
        AccountPtr account;
    };

    using Order = std::list<Entry>;

    mutable std::mutex guard_;
    Order order_; // least recently used first
    std::map<AccountId, Order::iterator> entries_;
    std::set<AccountId> hidden_;
    std::map<AccountId, std::weak_ptr<async::Mutex>> places_; // of those somebody holds or waits for
    const ViewMemory view_memory_ = std::make_shared<std::atomic<std::size_t>>();
};

} // namespace tegami::store
