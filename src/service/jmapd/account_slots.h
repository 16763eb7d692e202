// How much of one kind each account has under way, for limits that one account cannot use up for others.
#pragma once

#include "store/types.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace tegami::jmapd {

/// Any thread.
class AccountSlots {
public:
    explicit AccountSlots(std::size_t each_max) : each_max_(each_max) {}

    /// Taken as long as it lives; the slots outlive it.
    class Slot {
    public:
        Slot(AccountSlots* slots, store::AccountId account) : slots_(slots), account_(account) {}

        Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), account_(other.account_) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (slots_ != nullptr) slots_->release(account_);
        }

    private:
        AccountSlots* slots_;
        store::AccountId account_;
    };

    /// Nothing if the account has as many as it may.
    std::optional<Slot> take(store::AccountId account) {
        const std::lock_guard lock(guard_);
        std::size_t& taken = taken_[account];
        if (taken >= each_max_) return std::nullopt;
        ++taken;
        return std::optional<Slot>(std::in_place, this, account);
    }

private:
    void release(store::AccountId account) {
        const std::lock_guard lock(guard_);
        const auto found = taken_.find(account);
        if (--found->second == 0) taken_.erase(found);
    }

    const std::size_t each_max_;
    std::mutex guard_;
    std::map<store::AccountId, std::size_t> taken_;
};

} // namespace tegami::jmapd
