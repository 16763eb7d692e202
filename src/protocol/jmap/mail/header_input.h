// Header fields that a client gives for a new message, in the forms of RFC 8621 §4.1.2.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"
#include "protocol/jmap/mail/header_form.h"
#include "json/json.h"

#include <string>
#include <string_view>

namespace tegami::jmap {

/// The field, or fields (":all"), ready for a header; nothing is written for null and empty lists. Whatever is in it, it is
/// no other field. Faults: invalidProperties (a value of another kind).
Result<std::string, Fault> write_header_property(const HeaderProperty& property, const json::value& value);

/// Whether two properties set the same field.
bool same_field(const HeaderProperty& left, const HeaderProperty& right);

} // namespace tegami::jmap
