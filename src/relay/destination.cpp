#include "relay/destination.h"

#include <algorithm>

namespace tegami::relay {

Destination::Place::~Place() {
    --destination_.active_;
    destination_.places_ =
        went_well ? std::min(destination_.places_ + 1, kPlacesMax) : std::max<std::size_t>(destination_.places_ / 2, 1);
}

std::optional<IdleConnection> Destination::take_idle() {
    if (idle_.empty()) return std::nullopt;
    IdleConnection taken = std::move(idle_.back());
    idle_.pop_back();
    return taken;
}

void Destination::put_idle(IdleConnection idle) {
    idle_.push_back(std::move(idle));
}

std::vector<IdleConnection> Destination::take_idle_since(Instant limit) {
    std::vector<IdleConnection> old;
    // The longest idle come first: they were put back in this order.
    const auto first_young =
        std::ranges::find_if(idle_, [limit](const IdleConnection& idle) { return idle.since > limit; });
    std::move(idle_.begin(), first_young, std::back_inserter(old));
    idle_.erase(idle_.begin(), first_young);
    return old;
}

void Destination::mark_down(Instant until, ServerResult why) {
    down_until_ = until;
    down_reason_ = std::move(why);
}

const ServerResult* Destination::down(Instant now) const {
    return now < down_until_ ? &down_reason_ : nullptr;
}

} // namespace tegami::relay
