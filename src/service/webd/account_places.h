// How many things of one kind are under way for each account, and for all: an account that has all of its places waits for
// its own to end, and takes none of others.
#pragma once

#include "async/mutex.h"
#include "store/types.h"

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace tegami::webd {

/// From any thread.
class AccountPlaces {
public:
    /// Limits: places of one account, as many as connections that a browser has; and of all, which is enough for eleven
    /// accounts that use theirs up.
    static constexpr std::size_t kEachMax = 6;
    static constexpr std::size_t kAllMax = 64;

    AccountPlaces() = default;
    AccountPlaces(const AccountPlaces&) = delete;
    AccountPlaces& operator=(const AccountPlaces&) = delete;

    /// Taken as long as it lives.
    class Place;

    /// Waits for one of the account's own, first come, first served; nothing if those of all are taken.
    async::Awaitable<std::optional<Place>> take(store::AccountId account);

private:
    struct Lanes {
        std::array<async::Mutex, kEachMax> each;
        std::size_t next = 0;
    };

    std::pair<std::shared_ptr<Lanes>, async::Mutex*> next_lane(store::AccountId account);
    bool begin();
    void end();

    std::mutex guard_;
    std::map<store::AccountId, std::weak_ptr<Lanes>> accounts_;
    std::size_t taken_ = 0;
};

class AccountPlaces::Place {
public:
    Place(AccountPlaces* places, std::shared_ptr<Lanes> lanes, async::Mutex::Lock lock)
        : places_(places), lanes_(std::move(lanes)), lock_(std::move(lock)) {}

    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)), lanes_(std::move(other.lanes_)),
          lock_(std::move(other.lock_)) {}

    Place& operator=(Place&&) = delete;

    ~Place() {
        if (places_ != nullptr) places_->end();
    }

private:
    AccountPlaces* places_;
    std::shared_ptr<Lanes> lanes_; ///< outlive the lock
    async::Mutex::Lock lock_;
};

} // namespace tegami::webd
