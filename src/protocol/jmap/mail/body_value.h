// The text of a part: EmailBodyValue (RFC 8621 §4.1.4).
#pragma once

#include "message/structure.h"
#include "json/json.h"

#include <cstdint>
#include <string_view>

namespace tegami::jmap {

/// `encoded`: the octets of the part's body, as they stand in the message. The value has at most `bytes_max` octets of
/// UTF-8 (0: as many as there are) and ends with a whole character, outside of HTML's tags.
json::object body_value(const message::Part& part, std::string_view encoded, std::uint64_t bytes_max);

} // namespace tegami::jmap
