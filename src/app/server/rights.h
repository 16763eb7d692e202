// What the running server keeps of the rights it was started with, by its configuration.
#pragma once

#include "app/configuration/config.h"
#include "base/result.h"
#include "extraction/helpers.h"
#include "sandbox/rules.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::app {

/// The files that a server with this configuration needs: the data directory and those of backups to write, to read the
/// folders of all files that the configuration names, which may be replaced, and what every program needs of the system.
sandbox::Rules rules_for(const Config& config);

/// Whether a server that was started with `started` can read a file that a later configuration names.
bool may_read(const Config& started, const std::string& file);

struct RightsGivenUp {
    /// Has attachments read, which the server itself cannot start programs for any more.
    Result<std::unique_ptr<extraction::Helpers>, std::string> helpers;
    std::vector<std::string> missing; ///< what could not be given up: sentences for the log
};

/// Root becomes the owner of the data directory; then the helper is made, and everything is given up but
/// rules_for(config). Before the first thread is made and after the ports are bound. The error is a sentence.
Result<RightsGivenUp, std::string> give_up_rights(const Config& config);

} // namespace tegami::app
