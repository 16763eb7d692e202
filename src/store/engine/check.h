// Reads the whole store and checks every checksum, row and reference: the engine's part of `tegami verify`.
#pragma once

#include "base/progress.h"
#include "store/engine/commit_stage.h"
#include "store/engine/segments.h"

#include <functional>

namespace tegami::store::rocks {

/// Walks everything; `stopped` ends it early with `unavailable`. `progress` may be null. Blocks for long.
StoreResult<EngineReport> check_store(Database& database, Segments& segments, const CommitStage& commit_stage,
                                      const std::function<bool()>& stopped, Progress* progress);

} // namespace tegami::store::rocks
