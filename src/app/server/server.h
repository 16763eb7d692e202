// The running server: opens what is stored, listens, serves until it is told to stop.
#pragma once

#include "app/configuration/config.h"
#include "app/server/service_manager.h"
#include "extraction/helpers.h"
#include "net/network.h"
#include "service/webd/files.h"

#include <span>

namespace tegami::app {

/// Serves until SIGTERM or SIGINT; SIGHUP and the admin request read the configuration again. Blocks. Returns the exit
/// status: 0 only after an orderly stop that was asked for, kStartAgain after one for a restart; why it could not start or
/// go on is in the log. It takes the sockets that the service manager kept, and tells it how it is.
int run_server(const Config& config, std::span<const webd::File> web_files);
/// The same on a network of the caller's; without a helper no attachments are read.
int run_server(const Config& config, std::span<const webd::File> web_files, net::Network& network,
               ServiceManager& manager, extraction::Helpers* helpers = nullptr);

} // namespace tegami::app
