// What an operator should do something about, in sentences that say what.
#pragma once

#include "admin/server_status.h"

#include <string>
#include <vector>

namespace tegami::admin {

std::vector<std::string> warnings_about(const ServerStatus& status, Timestamp now);

} // namespace tegami::admin
