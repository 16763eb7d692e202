// Walks every record of the directory and checks what docs/formats/directory.md says must hold between them.
// It changes nothing; a record that cannot be read is reported by its key, and the walk goes on.
#pragma once

#include "async/awaitable.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tegami::directory {

/// Limit: findings told in full; more are only counted.
inline constexpr std::size_t kFindingsMax = 1000;

struct CheckReport {
    std::uint64_t records = 0;
    std::uint64_t problems = 0;
    std::vector<std::string> findings; ///< plain sentences that name the key
};

/// Errors: unavailable (the engine cannot be read at all).
async::Awaitable<DirectoryResult<CheckReport>> check(store::Engine* engine);

} // namespace tegami::directory
