// JSON as values and as text: Boost.JSON comes in here, and nowhere else.
#pragma once

#include "base/result.h"

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami {

namespace json = boost::json;

/// The only way to JSON as text (tools/tidy): well-formed UTF-8 (RFC 8259 §8.1) in which everything is seen. What is
/// not (base/visible.h) is written `\u202e`, which a reader of JSON turns back; an octet that is no UTF-8 has no form
/// in JSON and becomes the text `\x93`.
std::string write_json(const json::value& value);

/// Whether write_json keeps every text in it as it is.
bool is_utf8(const json::value& value);

/// The value that a stranger wrote; nothing if the octets are no JSON in UTF-8, or nest deeper than `depth_max`. Takes
/// some ten times as much memory as there are octets, whose number the caller limits.
std::optional<json::value> read_json(std::string_view octets, std::size_t depth_max);

/// Whether an object of this JSON has two members of one name, which read_json takes the last of (RFC 7493 §2.3 forbids
/// it). `octets` are what read_json takes.
bool has_repeated_names(std::string_view octets);

} // namespace tegami
