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

json::array to_array(const std::vector<std::string>& texts);

/// `2026-11-22T21:40:03Z`.
std::string print_time(Timestamp time);

} // namespace tegami::admin
