// Message ids (RFC 5322 §3.6.4) as written between angle brackets, for threading, tracing and reply matching.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: ids taken from one field; the last ones are kept, since they are the nearest relatives.
inline constexpr std::size_t kMessageIdsMax = 200;
/// Limit: octets of one id; longer ones are not ids.
inline constexpr std::size_t kMessageIdBytesMax = 998;

/// The ids in a References, In-Reply-To or Message-ID value: `left@right` without brackets, space and comments
/// removed, doubles removed, in order. Ids without "@" are taken too, as mail programs write them.
std::vector<std::string> parse_message_ids(std::string_view value);

/// The first id of the value.
std::optional<std::string> parse_message_id(std::string_view value);

} // namespace tegami::message
