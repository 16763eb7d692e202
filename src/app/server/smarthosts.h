// The smarthosts of the configuration with their passwords.
#pragma once

#include "app/configuration/config.h"
#include "relay/smarthost.h"

#include <string>
#include <vector>

namespace tegami::app {

/// Reads the files with their passwords; the error is a sentence that names key and file.
Result<std::vector<relay::Smarthost>, std::string> smarthosts_of(const Config& config);

} // namespace tegami::app
