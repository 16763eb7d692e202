// What a request says of the form that it wants an answer in.
#pragma once

#include <cstdint>
#include <string_view>

namespace tegami::webd {

enum class Encoding : std::uint8_t { plain, gzip, brotli };

/// The best of those that Accept-Encoding allows (RFC 9110 §12.5.3), brotli first. `plain` if nothing is said: whoever
/// refuses even that gets it all the same.
Encoding encoding_wanted(std::string_view accept_encoding, bool has_gzip, bool has_brotli);

/// Whether If-None-Match names this tag (RFC 9110 §13.1.2).
bool matches_tag(std::string_view field, std::string_view tag);

} // namespace tegami::webd
