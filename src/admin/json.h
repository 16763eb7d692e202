// JSON for whoever manages, and whoever is managed: Boost.JSON comes in here, and nowhere else.
#pragma once

#include "base/clock.h"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace tegami {

namespace json = boost::json;

} // namespace tegami

namespace tegami::admin {

/// The only way to JSON as text (tools/tidy): well-formed UTF-8 (RFC 8259 §8.1) in which everything is seen. What is not
/// (base/visible.h) is written `\u202e`, which a reader of JSON turns back; an octet that is no UTF-8 has no form in JSON
/// and becomes the text `\x93`.
std::string write_json(const json::value& value);

/// Whether write_json keeps every text in it as it is.
bool is_utf8(const json::value& value);

json::array to_array(const std::vector<std::string>& texts);

/// `2026-11-22T21:40:03Z`.
std::string print_time(Timestamp time);

} // namespace tegami::admin
