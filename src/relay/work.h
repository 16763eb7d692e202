// One queue item under way, and what all those under way are together.
#pragma once

#include "async/event.h"
#include "relay/dependencies.h"
#include "relay/destinations.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::relay {

/// Items of one message that are under way together.
struct Round {
    std::size_t trying = 0;
    bool failures = false; ///< some of them wait for a report
};

struct UnderWay {
    explicit UnderWay(async::Executor executor) : wake(executor), ended(executor) {}

    std::map<store::QueueId, Round> rounds;
    std::size_t bodies = 0; ///< deliveries whose body has begun
    async::Event wake;      ///< there may be something new to begin
    async::Event ended;     ///< a delivery has ended
};

/// While it lives it holds a slot, and nobody else works on the item.
class Work {
public:
    /// `active` counts the slots that are taken.
    Work(UnderWay& all, std::size_t& active, Destination& at, Hop through, store::DueItem due);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    void begin_body();
    /// The item's outcome is written: it is no longer of its message's round, which is returned.
    Round end_trying();

    store::QueueMessage message;
    store::QueueItem item;
    Destination& place;
    Destination& hop;           ///< where connections go: `place`, or the smarthost
    const Smarthost* smarthost; ///< null: to the servers of the recipients
    std::optional<Destination::Place> place_at_smarthost;
    std::vector<bool> settled;      ///< by recipient: this attempt has come to something
    bool waited_for_report = false; ///< all that is left are failures, and others of the message have had their time

private:
    UnderWay& all_;
    std::size_t& active_;
    bool trying_ = true;
    bool in_body_ = false;
};

using WorkPtr = std::shared_ptr<Work>;

/// Given up, and the sender is still to be told.
bool has_failed(const store::QueueRecipient& recipient);
/// Waits for its first attempt, or for another.
bool has_more_to_happen(const store::QueueRecipient& recipient);

/// As the next server gets it.
std::optional<message::EmailAddress> sender_of(const Dependencies& dependencies, const store::QueueMessage& message);

/// Writes into the item what one attempt came to, and into the journey.
void settle(const Dependencies& dependencies, Work& work, std::size_t recipient, const smtp::DeliveryResult& result,
            const std::string& server);
void settle_all(const Dependencies& dependencies, Work& work, const std::vector<std::size_t>& recipients,
                const ServerResult& verdict);

/// An event of the message's journey.
void record(const Dependencies& dependencies, const store::QueueMessage& message, std::string kind,
            std::vector<store::JourneyField> fields);

/// Whether nothing is left to be written of what was to be concluded.
bool is_written(const Dependencies& dependencies, const store::StoreResult<std::optional<store::QueueId>>& concluded,
                store::QueueId id);

} // namespace tegami::relay
