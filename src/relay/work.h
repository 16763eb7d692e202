// One queue item under way. While it lives it holds a slot, and nobody else works on the item.
#pragma once

#include "relay/relay.h"

#include <vector>

namespace tegami::relay {

/// Given up, and the sender is still to be told.
inline bool has_failed(const store::QueueRecipient& recipient) {
    return recipient.state == store::RecipientState::failed;
}

struct Relay::Work {
    Work(Relay& of, Lane& slots, Destination& at, Hop through, store::DueItem due)
        : message(std::move(due.message)), item(std::move(due.item)), place(at), hop(*through.destination),
          smarthost(through.smarthost), settled(item.recipients.size()), relay_(of), lane_(slots) {
        if (smarthost != nullptr) place_at_smarthost.emplace(hop);
        ++lane_.active;
        place.under_way.insert(item.id);
        ++relay_.rounds_[message.id].trying;
    }

    ~Work() {
        end_trying();
        place_at_smarthost.reset();
        place.under_way.erase(item.id);
        --lane_.active;
        if (in_body_) --relay_.bodies_;
        relay_.ended_.set();
        relay_.wake_.set();
    }

    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    void begin_body() {
        if (!std::exchange(in_body_, true)) ++relay_.bodies_;
    }

    /// The item's outcome is written: it is no longer of its message's round, which is returned.
    Round end_trying() {
        if (!std::exchange(trying_, false)) return {};
        const auto round = relay_.rounds_.find(message.id);
        --round->second.trying;
        const Round left = round->second;
        if (left.trying == 0) relay_.rounds_.erase(round);
        return left;
    }

    store::QueueMessage message;
    store::QueueItem item;
    Destination& place;
    Destination& hop;           ///< where connections go: `place`, or the smarthost
    const Smarthost* smarthost; ///< null: to the servers of the recipients
    std::optional<Destination::Place> place_at_smarthost;
    std::vector<bool> settled;      ///< by recipient: this attempt has come to something
    bool waited_for_report = false; ///< all that is left are failures, and others of the message have had their time

private:
    Relay& relay_;
    Lane& lane_;
    bool trying_ = true;
    bool in_body_ = false;
};

} // namespace tegami::relay
