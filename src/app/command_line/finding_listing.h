// Findings about machine and server as the command line shows them.
#pragma once

#include "admin/json.h"
#include "health/finding.h"

#include <span>

namespace tegami::app {

/// One line each, what hurts first.
void print_health(std::span<const health::Finding> findings);

json::object health_json(std::span<const health::Finding> findings);

} // namespace tegami::app
