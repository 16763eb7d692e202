// What `tegami downgrade` does.
#pragma once

#include "admin/json.h"
#include "app/configuration/config.h"
#include "store/recovery/schema.h"

#include <string>

namespace tegami::app {

/// Makes the store of a server that does not run one that the previous release can open; blocks. The answer says what
/// was changed (docs/cli.md); the error is a sentence.
Result<json::object, std::string> run_downgrade(const Config& config,
                                                const store::SchemaSteps& steps = store::schema_steps());

} // namespace tegami::app
