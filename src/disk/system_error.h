// The system's errors in our words: for the real file system alone.
#pragma once

#include "disk/file_system.h"

#include <string>
#include <string_view>

namespace tegami::disk {

/// What errno says now about `what` done to `path`.
std::unexpected<Error> system_error(std::string_view what, const std::string& path);

} // namespace tegami::disk
