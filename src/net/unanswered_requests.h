// Requests of a server that were read and are not answered yet: so that whoever ends it can let the last answers go out.
#pragma once

#include "async/event.h"
#include "async/timer.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace tegami::net {

/// Of all connections that share it. From any thread; it outlives its places.
class UnansweredRequests {
public:
    /// One request, until it is destroyed.
    class Place {
    public:
        Place() = default;

        /// `all` may be null: nobody counts.
        explicit Place(UnansweredRequests* all) : all_(all) {
            if (all_ != nullptr) all_->enter();
        }

        Place(Place&& other) noexcept : all_(std::exchange(other.all_, nullptr)) {}

        Place& operator=(Place&& other) noexcept {
            std::swap(all_, other.all_);
            return *this;
        }

        ~Place() {
            if (all_ != nullptr) all_->leave();
        }

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        UnansweredRequests* all_ = nullptr;
    };

    /// Returns at a moment without any, or at `last`. One caller at a time.
    async::Awaitable<> wait_for_none(async::Timers* timers, Instant last);

private:
    void enter();
    void leave();

    std::mutex guard_;
    std::size_t count_ = 0;
    std::optional<async::Event> waiter_;
};

} // namespace tegami::net
