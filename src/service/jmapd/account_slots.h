// How much of one kind everybody has under way, for limits that one cannot use up for others.
#pragma once

#include "store/types.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace tegami::jmapd {

/// Any thread. `Key` says whose something is.
template <class Key>
class Slots {
public:
    explicit Slots(std::size_t each_max) : each_max_(each_max) {}

    /// Taken as long as it lives; the slots outlive it.
    class Slot {
    public:
        Slot(Slots* slots, Key key) : slots_(slots), key_(std::move(key)) {}

        Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), key_(std::move(other.key_)) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (slots_ != nullptr) slots_->release(key_);
        }

    private:
        Slots* slots_;
        Key key_;
    };

    /// Nothing if they have as many as they may.
    std::optional<Slot> take(Key key) {
        const std::lock_guard lock(guard_);
        std::size_t& taken = taken_[key];
        if (taken >= each_max_) return std::nullopt;
        ++taken;
        return std::optional<Slot>(std::in_place, this, std::move(key));
    }

private:
    void release(const Key& key) {
        const std::lock_guard lock(guard_);
        const auto found = taken_.find(key);
        if (--found->second == 0) taken_.erase(found);
    }

    const std::size_t each_max_;
    std::mutex guard_;
    std::map<Key, std::size_t> taken_;
};

using AccountSlots = Slots<store::AccountId>;

} // namespace tegami::jmapd
