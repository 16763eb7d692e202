// Taking a store up to the schema of this program, and back to the one before: docs/formats/engine_rocksdb.md.
//
// 1. A step leads between two neighbouring schemas, both ways. It rewrites what differs and runs on an engine that
//    nobody else uses.
// 2. The store carries the higher number from before the first change until after the last one, either way, with the
//    word that a step is under way. So a program of the older schema never sees a half-made store, and a step that was
//    cut short is ended by the next start.
// 3. A step may therefore meet records in both forms. It leaves alone what it cannot read: that is for repair.
#pragma once

#include "async/awaitable.h"
#include "store/engine/rocks.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace tegami::store {

struct SchemaStep {
    /// How many records were rewritten.
    using Work = std::function<async::Awaitable<StoreResult<std::uint64_t>>(Engine*)>;

    std::uint32_t schema = kSchemaVersion; ///< leads from the one before to this one
    Work up;
    Work down;
};

/// In order, without a gap, up to the schema that the program writes. Without a step it opens that one only.
using SchemaSteps = std::vector<SchemaStep>;

/// The steps that this program knows. No schema was released yet, so there is none.
const SchemaSteps& schema_steps();

/// Opens a store, or makes it, and takes it up to the last schema of `steps`. Blocks, running `context`. Errors: those
/// of RocksEngine::open and of the steps.
StoreResult<std::unique_ptr<RocksEngine>> open_store(boost::asio::io_context& context, RocksEngineOptions options,
                                                     RocksEngineDependencies parts,
                                                     const SchemaSteps& steps = schema_steps());

/// Takes a store back by the last step, if it is not back already, and closes it; how many records were rewritten.
/// Blocks, running `context`. Errors: invalid (there is no step), those of RocksEngine::open and of the step.
StoreResult<std::uint64_t> downgrade_store(boost::asio::io_context& context, RocksEngineOptions options,
                                           RocksEngineDependencies parts, const SchemaSteps& steps = schema_steps());

} // namespace tegami::store
