#include "relay/destinations.h"

#include <algorithm>
#include <iterator>

namespace tegami::relay {

Destinations::Destinations(const std::vector<Smarthost>& smarthosts) : smarthosts_(smarthosts) {
    for (std::size_t index = 0; index < smarthosts.size(); ++index)
        at_smarthosts_.push_back(std::make_unique<Destination>());
}

Destination& Destinations::at(const store::QueueDestination& name) {
    std::unique_ptr<Destination>& place = places_[name];
    if (!place) place = std::make_unique<Destination>();
    return *place;
}

Hop Destinations::hop_of(const std::optional<message::EmailAddress>& sender, Destination& place) {
    const auto index = smarthost_for(smarthosts_, sender);
    if (!index) return {.destination = &place};
    return {.destination = at_smarthosts_[*index].get(), .smarthost = &smarthosts_[*index]};
}

bool Destinations::has_way_out() const {
    const auto takes_all = [](const Smarthost& each) { return each.domains.empty(); };
    return std::ranges::none_of(smarthosts_, takes_all) ||
           std::ranges::any_of(at_smarthosts_, [](const auto& each) { return each->free_places() > 0; });
}

bool Destinations::busy() const {
    return std::ranges::any_of(places_, [](const auto& known) { return !known.second->unused(); }) ||
           std::ranges::any_of(at_smarthosts_, [](const auto& known) { return !known->unused(); });
}

bool Destinations::is_under_way(const store::QueueItem& item) const {
    const auto found = places_.find(item.destination);
    return found != places_.end() && found->second->under_way.contains(item.id);
}

void Destinations::forget_down() {
    for (auto& [name, place] : places_)
        place->forget_down();
    for (const auto& smarthost : at_smarthosts_)
        smarthost->forget_down();
}

std::vector<IdleConnection> Destinations::take_idle_since(Instant limit) {
    std::vector<IdleConnection> old;
    const auto take_from = [&](Destination& place) {
        std::ranges::move(place.take_idle_since(limit), std::back_inserter(old));
    };
    for (const auto& smarthost : at_smarthosts_)
        take_from(*smarthost);
    for (auto place = places_.begin(); place != places_.end();) {
        take_from(*place->second);
        const bool forget = place->second->unused() && places_.size() > kDestinationsMax;
        place = forget ? places_.erase(place) : std::next(place);
    }
    return old;
}

void Destinations::clear() {
    places_.clear();
    at_smarthosts_.clear();
}

} // namespace tegami::relay
