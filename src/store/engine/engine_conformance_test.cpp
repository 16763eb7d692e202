// The contract of engine.h as tests, run against every engine; that about blobs is in engine_blobs_test.cpp.
#include "store/engine/batch_check.h"
#include "store/engine/engine_conformance_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <ranges>

namespace tegami::store {
namespace {

using testing::content_of;
using testing::Crowd;
using ::testing::ElementsAre;
using testing::EngineConformance;
using ::testing::IsEmpty;
using testing::kAccount;
using testing::kNeighbour;
using testing::noise;
using testing::wait_for;

TEST_P(EngineConformance, ANeverWrittenDomainIsEmptyAtVersionZero) {
    const Page page = scan({});
    EXPECT_THAT(page.rows, IsEmpty());
    EXPECT_FALSE(page.more);
    EXPECT_EQ(page.version, Version(0));
    EXPECT_EQ(get("a"), std::nullopt);
}

TEST_P(EngineConformance, EveryCommitRaisesTheVersionByOne) {
    EXPECT_EQ(commit({Put{"a", "1"}}), Version(1));
    EXPECT_EQ(commit({}), Version(2)) << "an empty batch is a commit too";
    EXPECT_EQ(commit({Put{"b", "1"}}, {}, {}, kNeighbour), Version(1)) << "domains count apart";
    EXPECT_EQ(commit({Delete{"a"}}), Version(3));
    EXPECT_EQ(scan({}).version, Version(3));
}

TEST_P(EngineConformance, TheVersionGuardHolds) {
    EXPECT_EQ(commit_error({Put{"a", "1"}}, Version(1)), ErrorCode::conflict);
    EXPECT_EQ(commit({Put{"a", "1"}}, Version(0)), Version(1));
    EXPECT_EQ(commit_error({Put{"a", "2"}}, Version(0)), ErrorCode::conflict);
    EXPECT_EQ(get("a"), "1");
    EXPECT_EQ(commit({Put{"a", "2"}}, Version(1)), Version(2));
}

TEST_P(EngineConformance, AssertionsLookAtTheStateBeforeTheBatch) {
    EXPECT_EQ(commit({Put{"a", "1"}}, {}, {{"a", std::nullopt}}), Version(1));
    EXPECT_EQ(commit_error({Put{"b", "1"}}, {}, {{"a", std::nullopt}}), ErrorCode::conflict);
    EXPECT_EQ(commit_error({Put{"b", "1"}}, {}, {{"a", "2"}}), ErrorCode::conflict);
    EXPECT_EQ(commit_error({Put{"b", "1"}}, {}, {{"c", "1"}}), ErrorCode::conflict);
    EXPECT_EQ(commit_error({Put{"b", "1"}}, {}, {{"a", "1"}, {"c", ""}}), ErrorCode::conflict) << "all must hold";
    EXPECT_EQ(get("b"), std::nullopt);
    EXPECT_EQ(commit({Put{"b", ""}}, {}, {{"a", "1"}, {"b", std::nullopt}}), Version(2));
    EXPECT_EQ(commit({Delete{"b"}}, {}, {{"b", ""}}), Version(3)) << "an empty value is a value";
}

TEST_P(EngineConformance, OperationsApplyInOrder) {
    ASSERT_TRUE(commit({Put{"a", "1"}, Put{"b", "1"}, DeleteRange{"a", "b"}, Put{"a", "2"}, Delete{"b"}}));
    EXPECT_EQ(get("a"), "2");
    EXPECT_EQ(get("b"), std::nullopt);
    ASSERT_TRUE(commit({Put{"c", "1"}, DeleteRange{"", ""}, Put{"d", "1"}}));
    EXPECT_THAT(keys({}), ElementsAre("d"));
}

TEST_P(EngineConformance, OperationsOfALargeBatchApplyInOrder) {
    SeededRandom random(3);
    std::map<std::string, std::string> rows;
    const auto blob = write_blob("content", "card", 10);
    ASSERT_TRUE(blob);
    const Limits limits = engine().limits();
    const std::size_t count =
        std::min({std::size_t{600}, limits.batch_operations_max / 2, limits.batch_bytes_max / 64});
    for (int turn = 0; turn < 6; ++turn) {
        std::vector<Operation> operations;
        for (std::size_t i = 0; i < count; ++i) {
            // In every other batch ranges lie beside what is put.
            const int low = turn % 2 == 0 ? 0 : 50;
            const std::string key = row_key(low + static_cast<int>(random.below(200)));
            if (i % 100 == 99) {
                const auto begin = static_cast<int>(random.below(40));
                operations.emplace_back(DeleteRange{row_key(begin), row_key(begin + 10)});
                rows.erase(rows.lower_bound(row_key(begin)), rows.lower_bound(row_key(begin + 10)));
            } else if (random.below(4) == 0) {
                operations.emplace_back(Delete{key});
                rows.erase(key);
            } else {
                operations.emplace_back(Put{key, std::to_string(i)});
                rows[key] = std::to_string(i);
            }
        }
        operations.emplace_back(RemoveReference{blob->id, "t"});
        operations.emplace_back(AddReference{blob->id, "t"});
        ASSERT_TRUE(commit(std::move(operations)));
        EXPECT_THAT(keys({}), ::testing::ElementsAreArray(std::views::keys(rows)));
        for (const auto& [key, value] : rows)
            EXPECT_EQ(get(key), value);
    }
    EXPECT_EQ(wait_for(engine().check({}))->unreferenced, 0U);
}

TEST_P(EngineConformance, KeysAreAnyOctets) {
    const std::string zero("\0", 1);
    const std::string high("\xff\xff\xff", 3);
    ASSERT_TRUE(commit({Put{zero, "zero"}, Put{high, "high"}, Put{"", "empty"}}));
    EXPECT_THAT(keys({}), ElementsAre("", zero, high));
    EXPECT_EQ(get(high), "high");
    EXPECT_EQ(get(""), "empty");
}

TEST_P(EngineConformance, DomainsDoNotTouchEachOther) {
    const Domain other_kind{DomainKind::text_index, kAccount.id};
    ASSERT_TRUE(commit({Put{"\xff", "1"}}));
    ASSERT_TRUE(commit({Put{"", "2"}}, {}, {}, kNeighbour));
    ASSERT_TRUE(commit({Put{"k", "3"}}, {}, {}, other_kind));
    EXPECT_THAT(keys({}), ElementsAre("\xff"));
    ASSERT_TRUE(commit({DeleteRange{"", ""}}));
    EXPECT_THAT(keys({}), IsEmpty());
    EXPECT_EQ(get("", kNeighbour), "2");
    EXPECT_EQ(get("k", other_kind), "3");
}

TEST_P(EngineConformance, DeleteRangeTakesItsBeginningButNotItsEnd) {
    put_rows(9);
    ASSERT_TRUE(commit({DeleteRange{row_key(2), row_key(5)}}));
    EXPECT_THAT(keys({.end = row_key(7)}), ElementsAre(row_key(0), row_key(1), row_key(5), row_key(6)));
    ASSERT_TRUE(commit({DeleteRange{row_key(5), ""}}));
    ASSERT_TRUE(commit({DeleteRange{row_key(1), row_key(0)}})) << "a range the wrong way round is empty";
    EXPECT_THAT(keys({}), ElementsAre(row_key(0), row_key(1)));
}

TEST_P(EngineConformance, ScansArePagedInBothDirections) {
    put_rows(25);
    std::vector<std::string> all;
    for (int i = 0; i < 25; ++i)
        all.push_back(row_key(i));
    EXPECT_EQ(keys({.rows_max = 4}), all);
    EXPECT_EQ(keys({.rows_max = 25}), all);
    EXPECT_EQ(keys({.begin = row_key(3), .end = row_key(9), .rows_max = 2}),
              std::vector(all.begin() + 3, all.begin() + 9));
    std::vector<std::string> backwards(all.rbegin(), all.rend());
    EXPECT_EQ(keys({.rows_max = 4, .reverse = true}), backwards);
    EXPECT_EQ(keys({.begin = row_key(3), .end = row_key(9), .rows_max = 4, .reverse = true}),
              std::vector(backwards.end() - 9, backwards.end() - 3));
    EXPECT_THAT(keys({.begin = row_key(9), .end = row_key(3)}), IsEmpty());
    EXPECT_THAT(keys({.begin = row_key(9), .end = row_key(3), .reverse = true}), IsEmpty());
    const Page last = scan({.begin = row_key(23), .rows_max = 2});
    EXPECT_EQ(last.rows.size(), 2u);
    EXPECT_FALSE(last.more) << "exactly as many rows as asked for, and none beyond";
    EXPECT_TRUE(scan({.begin = row_key(22), .rows_max = 2}).more);
}

TEST_P(EngineConformance, ABatchOverALimitChangesNothing) {
    const Limits limits = engine().limits();
    std::vector<Operation> many(limits.batch_operations_max + 1, Put{"a", "1"});
    EXPECT_EQ(commit_error(std::move(many)), ErrorCode::invalid);
    EXPECT_EQ(commit_error({Put{"a", std::string(limits.value_bytes_max + 1, 'x')}}), ErrorCode::invalid);
    EXPECT_EQ(commit_error({Put{std::string(kKeyBytesMax + 1, 'k'), "1"}}), ErrorCode::invalid);
    std::vector<Operation> large;
    for (std::size_t total = 0; total <= limits.batch_bytes_max; total += limits.value_bytes_max)
        large.emplace_back(Put{"a", std::string(limits.value_bytes_max, 'x')});
    EXPECT_EQ(commit_error(std::move(large)), ErrorCode::invalid);
    EXPECT_EQ(scan({}).version, Version(0));
    EXPECT_TRUE(commit({Put{"a", std::string(limits.value_bytes_max, 'x')}}));
    EXPECT_LE(scan({.rows_max = 1u << 30}).rows.size(), limits.scan_rows_max);
}

TEST_P(EngineConformance, DomainsAreListedByKindInOrder) {
    for (const std::uint64_t id : {5u, 300u, 1u, 70000u})
        ASSERT_TRUE(commit({Put{"k", "v"}}, {}, {}, {DomainKind::queue, id}));
    ASSERT_TRUE(commit({Put{"k", "v"}}));
    const auto ids = [&](std::uint64_t after, std::size_t count_max) {
        std::vector<std::uint64_t> found;
        const auto domains = wait_for(engine().domains(DomainKind::queue, after, count_max));
        for (const Domain& domain : *domains)
            found.push_back(domain.id);
        return found;
    };
    EXPECT_THAT(ids(0, 10), ElementsAre(1, 5, 300, 70000));
    EXPECT_THAT(ids(5, 1), ElementsAre(300));
    EXPECT_THAT(ids(70000, 10), IsEmpty());
    EXPECT_THAT(ids(~std::uint64_t{0}, 10), IsEmpty());
}

TEST_P(EngineConformance, ManyKeysAreReadInTheOrderAsked) {
    const std::string large(std::min<std::size_t>(50'000, engine().limits().value_bytes_max), 'd');
    ASSERT_TRUE(commit({Put{"a", "1"}, Put{"b", ""}, Put{"d", large}}));
    const auto values = wait_for(engine().get_many(kAccount, {"d", "c", "a", "b", "a"}));
    ASSERT_TRUE(values.has_value());
    EXPECT_THAT(*values, ElementsAre(large, std::nullopt, "1", "", "1"));
    EXPECT_THAT(*wait_for(engine().get_many(kNeighbour, {"a"})), ElementsAre(std::nullopt));
    EXPECT_THAT(*wait_for(engine().get_many(kAccount, {})), IsEmpty());
    const auto first = wait_for(engine().get_first(kAccount, {"d", "b", "", "a", "b", "c"}));
    ASSERT_TRUE(first.has_value());
    EXPECT_THAT(*first, ElementsAre(large, "", "1", "1", "", std::nullopt));
    EXPECT_THAT(*wait_for(engine().get_first(kNeighbour, {"a"})), ElementsAre(std::nullopt));
}

TEST_P(EngineConformance, EverythingSurvivesReopening) {
    const std::string small = content_of(1000, false);
    const std::string large = content_of(300000, false);
    const auto small_blob = write_blob(small, "small card", 65536);
    const auto large_blob = write_blob(large, "large card", 65536);
    ASSERT_TRUE(small_blob && large_blob);
    ASSERT_TRUE(commit({Put{"a", "1"}, AddReference{small_blob->id, "t"}, AddReference{large_blob->id, "t"}}));
    if (!subject_->reopen()) return; // the memory engines keep nothing
    EXPECT_EQ(get("a"), "1");
    EXPECT_TRUE(read(small_blob->id, 0, 1000) == small);
    EXPECT_TRUE(read(large_blob->id, 0, 300000) == large);
    EXPECT_EQ(wait_for(engine().read_card(large_blob->id)), "large card");
    EXPECT_EQ(commit({}, Version(1)), Version(2));
    const auto next = write_blob("next", "", 10);
    EXPECT_LT(large_blob->id, next->id);
}

TEST_P(EngineConformance, AfterCloseEveryCallIsUnavailable) {
    const auto writer = engine().new_blob();
    ASSERT_TRUE(wait_for(writer->append("x")));
    const auto blob = write_blob("content", "card", 10);
    ASSERT_TRUE(blob);
    wait_for(engine().close());
    EXPECT_EQ(commit({Put{"a", "1"}}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().scan(kAccount, {})).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().get(kAccount, "a")).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().domains(DomainKind::account, 0, 1)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(read(blob->id, 0, 1).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().read_card(blob->id)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().read_start(blob->id, 1)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(engine().get_many(kAccount, {"a"})).error().code, ErrorCode::unavailable);
    EXPECT_EQ(wait_for(writer->finish("", {})).error().code, ErrorCode::unavailable);
    wait_for(engine().close());
}

/// Reads a counter, adds one, commits under the guard, and again on conflict.
async::Awaitable<void> count_up(Engine* engine, Domain domain, int times, std::atomic<int>* conflicts) {
    while (times > 0) {
        auto page = co_await engine->scan(domain, {.begin = "n", .end = "o"});
        EXPECT_TRUE(page.has_value());
        if (!page) co_return;
        const int before = page->rows.empty() ? 0 : std::stoi(page->rows[0].value);
        EXPECT_EQ(page->version, Version(static_cast<std::uint64_t>(before))) << "rows and version belong together";
        Batch batch{domain, page->version, {}, {}};
        batch.operations.emplace_back(Put{"n", std::to_string(before + 1)});
        auto done = co_await engine->commit(std::move(batch));
        if (done) {
            --times;
        } else {
            EXPECT_EQ(done.error().code, ErrorCode::conflict);
            ++*conflicts;
        }
    }
}

TEST_P(EngineConformance, ManyWritersOfOneDomainLoseNothing) {
    Crowd crowd;
    std::atomic<int> conflicts = 0;
    for (int i = 0; i < 16; ++i)
        crowd.add(count_up(&engine(), kAccount, 10, &conflicts));
    crowd.run(3);
    EXPECT_EQ(get("n"), "160");
    EXPECT_GT(conflicts, 0);
}

async::Awaitable<void> deliver(Engine* engine, Domain domain, int times, std::atomic<int>* delivered) {
    for (int i = 0; i < times; ++i) {
        const std::string content = content_of(static_cast<std::size_t>(i + 1) * 3000, i % 2 == 0);
        const auto writer = engine->new_blob();
        auto appended = co_await writer->append(content);
        EXPECT_TRUE(appended.has_value());
        auto blob = co_await writer->finish("card", {});
        EXPECT_TRUE(blob.has_value());
        if (!blob) co_return;
        Batch batch{domain, Version(static_cast<std::uint64_t>(i)), {}, {}};
        batch.operations.emplace_back(Put{"m" + std::to_string(i), "mail"});
        batch.operations.emplace_back(AddReference{blob->id, "m" + std::to_string(i)});
        auto committed = co_await engine->commit(std::move(batch));
        EXPECT_TRUE(committed.has_value());
        auto back = co_await engine->read_blob(blob->id, 0, content.size());
        EXPECT_TRUE(back == content);
        *delivered += committed.has_value();
    }
}

TEST_P(EngineConformance, ManyDomainsDeliverAtOnce) {
    Crowd crowd;
    std::atomic<int> delivered = 0;
    for (std::uint64_t i = 0; i < 40; ++i)
        crowd.add(deliver(&engine(), {DomainKind::account, 100 + i}, 10, &delivered));
    crowd.run(3);
    EXPECT_EQ(delivered, 400);
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineConformance, ::testing::ValuesIn(testing::kSubjects),
                         [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace tegami::store
