// By what else than Message-ID and addresses journeys are found: beside these the number that the letter had in the queue.
#pragma once

#include <string_view>

namespace tegami::store {

/// In place of an address: journeys in which another server refused the message for good.
inline constexpr std::string_view kRefusedElsewhere = "refused elsewhere";

} // namespace tegami::store
