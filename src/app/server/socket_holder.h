// A small process that holds the listening sockets while servers come and go: what systemd's store of file descriptors is
// elsewhere. It never takes a connection, and reads nothing that a stranger sent.
#pragma once

#include "app/configuration/config.h"

#include <string>

namespace tegami::app {

/// Binds the ports, becomes the owner of the data directory, and runs `program serve` with this configuration file and the
/// sockets (LISTEN_FDS); again whenever it ends with kStartAgain. SIGTERM, SIGINT and SIGHUP go on to it. Blocks, in a
/// process without other threads. Returns the exit status of the last one.
int hold_sockets(const Config& config, const std::string& program);

} // namespace tegami::app
