// The running server: opens what is stored, listens, serves until it is told to stop.
#pragma once

#include "app/config.h"
#include "base/log.h"
#include "base/result.h"

#include <string>

namespace tegami::app {

/// Serves until SIGTERM or SIGINT; SIGHUP reads the configuration again. Blocks. The error says, for the operator, why
/// it could not start.
Result<void, std::string> run_server(const Config& config, Log& log);

} // namespace tegami::app
