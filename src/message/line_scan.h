// A look at many octets at once, for those who pass mail on and seldom have anything to change.
#pragma once

#include <string_view>

namespace tegami::message {

/// True if every CR is before an LF, and every LF behind a CR (RFC 5322 §2.3); of nothing, too.
bool has_only_crlf(std::string_view octets);

/// has_only_crlf(), and no octet behind an LF is a dot (RFC 5321 §4.5.2); the first octet is not looked at as a line's.
bool has_only_crlf_and_no_dots(std::string_view octets);

} // namespace tegami::message
