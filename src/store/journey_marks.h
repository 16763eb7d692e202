// By what else than Message-ID and addresses journeys are found.
#pragma once

#include <string_view>

namespace tegami::store {

/// In place of an address: journeys in which another server refused the message for good.
inline constexpr std::string_view kRefusedElsewhere = "refused elsewhere";

} // namespace tegami::store
