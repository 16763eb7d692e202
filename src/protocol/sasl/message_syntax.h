// The grammar of SCRAM messages (RFC 5802 §7) that both ends read: comma-separated `letter=value` attributes and
// `=2C`/`=3D` in names.
#pragma once

#include "base/random.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::sasl {

/// Limit: a nonce, ours and the client's together; ours is 24 octets.
inline constexpr std::size_t kNonceBytesMax = 512;

/// Takes the attribute `letter=value` with its comma from the front of `rest`. Nothing, and `rest` unchanged, if
/// another attribute comes first.
std::optional<std::string_view> take_attribute(std::string_view& rest, char letter);

/// The name with "=2C" and "=3D" decoded; nothing if "=" is used otherwise, or for NUL or an empty name.
std::optional<std::string> decode_saslname(std::string_view text);
std::string encode_saslname(std::string_view name);

/// Printable characters except the comma, at least one, within the limit.
bool is_nonce(std::string_view text);
std::string make_nonce(RandomSource& random);

/// The exclusive or of two values of the same length.
std::string combine(std::string_view a, std::string_view b);

} // namespace tegami::sasl
