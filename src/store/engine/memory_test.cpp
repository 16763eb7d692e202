// What only the in-memory engine can do: fail on demand and collect on demand.
#include "store/engine/memory.h"

#include "store/engine/engine_fixture.h"

#include <gtest/gtest.h>

namespace tegami::store {
namespace {

using testing::kAccount;
using testing::wait_for;
using EngineCall = MemoryEngine::Call;

TEST(MemoryEngine, TheNthCommitFailsAndChangesNothing) {
    MemoryEngine engine;
    engine.fail(EngineCall::commit, 2, ErrorCode::no_space);
    EXPECT_EQ(wait_for(engine.commit({kAccount, {}, {}, {Put{"a", "1"}}})), Version(1));
    EXPECT_EQ(wait_for(engine.commit({kAccount, {}, {}, {Put{"a", "2"}}})).error().code, ErrorCode::no_space);
    EXPECT_EQ(wait_for(engine.get(kAccount, "a")), "1");
    EXPECT_EQ(wait_for(engine.commit({kAccount, {}, {}, {Put{"a", "3"}}})), Version(2));
    EXPECT_EQ(engine.calls(EngineCall::commit), 3u);
}

TEST(MemoryEngine, AnyCountsEveryCall) {
    MemoryEngine engine;
    engine.fail(EngineCall::any, 3, ErrorCode::unavailable);
    EXPECT_TRUE(wait_for(engine.scan(kAccount, {})));
    EXPECT_TRUE(wait_for(engine.get(kAccount, "a")));
    EXPECT_EQ(wait_for(engine.new_blob()->append("x")).error().code, ErrorCode::unavailable);
    EXPECT_EQ(engine.calls(EngineCall::any), 3u);
}

TEST(MemoryEngine, FailuresCanBeForgotten) {
    MemoryEngine engine;
    engine.fail(EngineCall::scan, 1, ErrorCode::unavailable);
    engine.clear_failures();
    EXPECT_TRUE(wait_for(engine.scan(kAccount, {})));
}

TEST(MemoryEngine, CollectsWhatNothingReferences) {
    MemoryEngine engine;
    const auto kept = wait_for(engine.new_blob()->finish("kept", {}));
    const auto lost = wait_for(engine.new_blob()->finish("lost", {}));
    ASSERT_TRUE(wait_for(engine.commit({kAccount, {}, {}, {AddReference{kept->id, "t"}}})));
    EXPECT_EQ(engine.collect(), 1u);
    EXPECT_EQ(wait_for(engine.read_card(kept->id)), "kept");
    EXPECT_EQ(wait_for(engine.read_card(lost->id)).error().code, ErrorCode::not_found);
    ASSERT_TRUE(wait_for(engine.commit({kAccount, {}, {}, {RemoveReference{kept->id, "t"}}})));
    EXPECT_EQ(engine.collect(), 1u);
    EXPECT_EQ(engine.blob_count(), 0u);
}

TEST(MemoryEngine, DamageIsReported) {
    MemoryEngine engine;
    const auto blob = wait_for(engine.new_blob()->finish("card", {}));
    engine.damage(blob->id);
    EXPECT_EQ(wait_for(engine.read_blob(blob->id, 0, 1)).error().code, ErrorCode::damaged);
}

} // namespace
} // namespace tegami::store
