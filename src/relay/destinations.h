// Every place that the relay has in mind, and where mail goes next. Lives on the relay's one thread.
#pragma once

#include "relay/destination.h"
#include "relay/smarthost.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace tegami::relay {

/// Where items go next: the servers of their recipients, or a smarthost, which is the same for all.
struct Hop {
    Destination* destination = nullptr;
    const Smarthost* smarthost = nullptr;
};

class Destinations {
public:
    /// `smarthosts` outlive it.
    explicit Destinations(const std::vector<Smarthost>& smarthosts);

    /// Made where there is none; valid until clear(), or until it is unused when close_idle() comes by.
    Destination& at(const store::QueueDestination& name);
    /// Where mail from `sender` (nothing: `<>`) to this place goes.
    Hop hop_of(const std::optional<message::EmailAddress>& sender, Destination& place);
    /// False if all mail goes through smarthosts, and none of them has a place for more.
    bool has_way_out() const;
    /// Something is under way somewhere, or waits for another message.
    bool busy() const;
    /// Whether somebody works on this item.
    bool is_under_way(const store::QueueItem& item) const;
    /// Forgets which of them did not answer.
    void forget_down();
    /// Connections that have waited since before `limit`. Of too many places those that are unused are forgotten.
    std::vector<IdleConnection> take_idle_since(Instant limit);
    /// Closes the connections that wait for another message.
    void clear();

private:
    const std::vector<Smarthost>& smarthosts_;
    std::map<store::QueueDestination, std::unique_ptr<Destination>> places_;
    std::vector<std::unique_ptr<Destination>> at_smarthosts_; ///< in their order
};

} // namespace tegami::relay
