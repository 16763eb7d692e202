// What `tegami repair` does, from the files up: database, index, directory, accounts, and mail that belongs to nobody.
#pragma once

#include "admin/json.h"
#include "app/configuration/config.h"

#include <cstdint>
#include <functional>
#include <string>

namespace tegami::app {

/// Told how many octets of the store were read, of how many.
using RepairProgress = std::function<void(std::uint64_t octets, std::uint64_t octets_in_all)>;

/// Repairs the store of a server that does not run; blocks. The answer says what was found, done and lost
/// (docs/cli.md); the error is a sentence.
Result<json::object, std::string> run_repair(const Config& config, const RepairProgress& progress);

} // namespace tegami::app
