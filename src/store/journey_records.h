// The records of a day of journeys: docs/formats/journey.md.
#pragma once

#include "store/journey.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

/// J: an event. The journey is in the key.
std::string encode_journey_event(const JourneyEvent& event);
std::optional<JourneyEvent> decode_journey_event(std::string_view key, std::string_view value);

/// What all events of a journey begin with.
std::string journey_prefix(std::string_view journey);
std::string journey_event_key(const JourneyEvent& event, std::uint64_t sequence);
/// What the journeys of a Message-ID, of an address begin with; the journey follows.
std::string journey_message_id_prefix(std::string_view message_id);
std::string journey_address_prefix(std::string_view address);

} // namespace tegami::store::record
