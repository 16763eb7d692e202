// i;unicode-casemap (RFC 5051): octets by which texts are compared as RFC 5256 wants them sorted.
#pragma once

#include <string>
#include <string_view>

namespace tegami::message {

/// Two texts that differ in case or in how they are composed have the same key; else keys are ordered as octets.
/// Deviation: combining marks are put in Unicode's canonical order, too (RFC 5051 §2 leaves them as they come).
std::string casemap_key(std::string_view utf8);

} // namespace tegami::message
