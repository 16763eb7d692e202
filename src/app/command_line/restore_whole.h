// `tegami restore --to`: a whole server from a backup and nothing else, on this machine or another.
#pragma once

#include "admin/json.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <string>

namespace tegami::app {

struct WholeRestore {
    std::string backup; ///< the folder of backups
    std::string point;  ///< the beginning of a point's name; empty: the latest
    std::string to;     ///< a folder that is not there yet, or is empty: gets tegami.toml and data/
    /// Told how many octets are there, of how many.
    std::function<void(std::uint64_t octets, std::uint64_t octets_in_all)> progress{};
};

/// Blocks. The answer says what is there now (docs/cli.md); the
/// error is a sentence, and what is in the folder then is no server.
Result<json::object, std::string> run_whole_restore(const WholeRestore& wanted);

} // namespace tegami::app
