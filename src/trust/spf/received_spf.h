// The trace field that says what SPF found (RFC 7208 §9.1).
#pragma once

#include "trust/spf/check_host.h"

#include <string>

namespace tegami::spf {

/// The field, folded, with its CRLF. ASCII whatever the values are: octets that are not printable ASCII stand as \xHH,
/// and long values are cut. There is no comment: words for people are not this room's.
std::string received_spf_field(const Input& input, const Verdict& verdict);

} // namespace tegami::spf
