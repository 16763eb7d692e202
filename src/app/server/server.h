// The running server: opens what is stored, listens, serves until it is told to stop.
#pragma once

#include "app/configuration/config.h"

namespace tegami::app {

/// Serves until SIGTERM or SIGINT; SIGHUP and the admin request read the configuration again. Blocks. Returns the exit
/// status; why it could not start is in the log.
int run_server(Config config);

} // namespace tegami::app
