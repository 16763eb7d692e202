// The types that JMAP's values have (RFC 8620 §1.2 to §1.4).
#pragma once

#include "message/date.h"
#include "json/json.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmap {

/// 2^53 - 1: what a JSON number holds exactly everywhere.
inline constexpr std::int64_t kIntMax = (std::int64_t{1} << 53) - 1;

/// 1 to 255 of A-Z a-z 0-9 - _.
bool is_id(std::string_view text);

/// An Int: whole, and between -kIntMax and kIntMax, however it is written (1, 1.0, 1e0).
std::optional<std::int64_t> read_int(const json::value& value);

/// A Date: 2014-10-30T14:12:00+08:00, a fraction of a second allowed.
std::optional<message::DateTime> read_date(const json::value& value);
/// A UTCDate: a Date that ends in Z.
std::optional<std::chrono::sys_seconds> read_utc_date(const json::value& value);
std::string print_utc_date(std::chrono::sys_seconds date);

} // namespace tegami::jmap
