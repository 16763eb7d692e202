// JSON for whoever manages, and whoever is managed.
#pragma once

#include "base/clock.h"
#include "json/json.h"

#include <string>
#include <vector>

namespace tegami::admin {

using tegami::is_utf8;
using tegami::write_json;

json::array to_array(const std::vector<std::string>& texts);

/// `2026-11-22T21:40:03Z`.
std::string print_time(Timestamp time);

} // namespace tegami::admin
