// What `tegami downgrade` does.
#pragma once

#include "app/configuration/config.h"

#include <boost/json/object.hpp>

#include <string>

namespace tegami::app {

/// Makes the store of a server that does not run one that the previous release can open; blocks. The answer says what
/// was changed (docs/cli.md); the error is a sentence.
Result<boost::json::object, std::string> run_downgrade(const Config& config);

} // namespace tegami::app
