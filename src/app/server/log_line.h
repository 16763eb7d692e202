// One line of the log, in either form (docs/logs.md).
#pragma once

#include "base/log.h"

#include <chrono>
#include <string>
#include <string_view>

namespace tegami::app {

/// With its line end. Nothing in an event or a value can end the line, look like another field or be unseen. Limit: 1,000
/// octets of a value; longer ones are cut.
std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view event, LogFields fields);

} // namespace tegami::app
