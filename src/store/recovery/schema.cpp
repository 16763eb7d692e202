#include "store/recovery/schema.h"

#include "async/run.h"
#include "base/assert.h"

#include <fmt/format.h>

namespace tegami::store {

namespace {

StoreResult<std::unique_ptr<RocksEngine>> open(RocksEngineOptions options, RocksEngineDependencies parts,
                                               const SchemaSteps& steps) {
    for (std::size_t at = 1; at < steps.size(); ++at)
        ASSERT(steps[at].schema == steps[at - 1].schema + 1);
    if (!steps.empty()) {
        options.schema_oldest = steps.front().schema - 1;
        options.schema_newest = steps.back().schema;
    }
    return RocksEngine::open(std::move(options), parts);
}

/// Does one way of a step; the store is one of schema `becomes` afterwards.
StoreResult<std::uint64_t> walk(boost::asio::io_context& context, RocksEngine& engine, std::uint32_t highest,
                                const SchemaStep::Work& work, std::uint32_t becomes) {
    TRY_VOID(engine.set_schema({.version = highest, .complete = false}));
    TRY(const std::uint64_t changed, async::run_on(context, work(&engine)));
    TRY_VOID(engine.set_schema({.version = becomes}));
    return changed;
}

} // namespace

const SchemaSteps& schema_steps() {
    static const SchemaSteps steps;
    return steps;
}

StoreResult<std::unique_ptr<RocksEngine>> open_store(boost::asio::io_context& context, RocksEngineOptions options,
                                                     RocksEngineDependencies parts, const SchemaSteps& steps) {
    TRY(std::unique_ptr<RocksEngine> engine, open(std::move(options), parts, steps));
    for (const SchemaStep& step : steps) {
        const SchemaMark mark = engine->schema();
        if (step.schema < mark.version || (step.schema == mark.version && mark.complete)) continue;
        parts.log.info("the store is of an older schema and is taken up; tegami downgrade leads back",
                       {{"from", std::to_string(step.schema - 1)}, {"to", std::to_string(step.schema)}});
        TRY_VOID(walk(context, *engine, step.schema, step.up, step.schema));
    }
    return engine;
}

StoreResult<std::uint64_t> downgrade_store(boost::asio::io_context& context, RocksEngineOptions options,
                                           RocksEngineDependencies parts, const SchemaSteps& steps) {
    if (steps.empty())
        return failure(Error{ErrorCode::invalid,
                             fmt::format("schema {} is the first one: there is no way back from it", kSchemaVersion)});
    TRY(const std::unique_ptr<RocksEngine> engine, open(std::move(options), parts, steps));
    const SchemaStep& last = steps.back();
    if (engine->schema().version != last.schema) return 0;
    return walk(context, *engine, last.schema, last.down, last.schema - 1);
}

} // namespace tegami::store
