// What the operations on letters in the queue share.
#pragma once

#include "admin/operation.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::admin {

/// For a letter of this name with which something cannot be done.
Refusal refusal_about(std::string_view name, const store::Error& error);

/// The entry of the letter with this name: that of its journey, or its number in the queue.
async::Awaitable<Result<store::QueueId, Refusal>> find_letter(const Dependencies* on, std::string name);

/// What an operator did stands in the letter's journey, with the number of the letter. Not without a journey.
async::Awaitable<> note_in_journey(const Dependencies* on, const store::QueueMessage* message, std::string kind,
                                   std::vector<store::JourneyField> fields);

using DestinationHolds = std::map<message::Domain, store::QueueHold>;

/// The hold of its destination; null if there is none.
const store::QueueHold* hold_of(const store::QueueItem& item, const DestinationHolds& holds);
/// Nothing is tried, of itself or for its destination.
bool is_on_hold(const store::QueueItem& item, const DestinationHolds& holds);

} // namespace tegami::admin
