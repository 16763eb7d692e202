// The records of a day of the audit log: docs/formats/audit.md.
#pragma once

#include "store/audit.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

Domain audit_domain(std::uint64_t day);

/// A: a row, under its number.
std::string audit_key(std::uint32_t number);
/// Nothing if it is not such a key.
std::optional<std::uint32_t> audit_number(std::string_view key);
std::string encode_audit(const AuditRow& row);
std::optional<AuditRow> decode_audit(std::string_view key, std::string_view value);

} // namespace tegami::store::record
