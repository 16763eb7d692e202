// The rows of a group against a model that applies the same batches to a map.
#include "store/engine/group_rows.h"

#include "base/random.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>

namespace tegami::store {
namespace {

constexpr Domain kDomain{DomainKind::queue, 0};

std::string found(const GroupRows& rows, std::string_view key) {
    const GroupRows::Value* value = rows.find(key);
    if (value == nullptr) return "untouched";
    return std::string(value->value_or("deleted"));
}

TEST(GroupRows, KnowsOnlyWhatTheGroupChanged) {
    const Batch batch{kDomain, {}, {}, {Put{"b", "1"}, Delete{"c"}, DeleteRange{"m", "p"}, Put{"n", "2"}}};
    GroupRows rows;
    rows.apply(batch);
    EXPECT_EQ(found(rows, "a"), "untouched");
    EXPECT_EQ(found(rows, "b"), "1");
    EXPECT_EQ(found(rows, "c"), "deleted");
    EXPECT_EQ(found(rows, "m"), "deleted");
    EXPECT_EQ(found(rows, "n"), "2");
    EXPECT_EQ(found(rows, "p"), "untouched");
}

TEST(GroupRows, ARangeWithoutAnEndGoesToTheEndOfTheDomain) {
    const Batch batch{kDomain, {}, {}, {Put{"x", "1"}, DeleteRange{"m", ""}, DeleteRange{"o", "p"}}};
    GroupRows rows;
    rows.apply(batch);
    EXPECT_EQ(found(rows, "l"), "untouched");
    EXPECT_EQ(found(rows, "x"), "deleted");
    EXPECT_EQ(found(rows, "\xff\xff"), "deleted");
}

std::string random_key(SeededRandom& random) {
    return {static_cast<char>('a' + random.below(12))};
}

TEST(GroupRows, AgreesWithAModel) {
    SeededRandom random(7);
    for (int round = 0; round < 300; ++round) {
        std::deque<Batch> batches; // the rows point into them
        GroupRows rows;
        std::map<std::string, std::string> model;
        for (char c = 'a'; c < 'm'; ++c)
            model[std::string(1, c)] = "untouched";
        for (int i = 0; i < 12; ++i) {
            Batch& batch = batches.emplace_back(Batch{kDomain, {}, {}, {}});
            const std::string key = random_key(random);
            switch (random.below(3)) {
            case 0:
                batch.operations.emplace_back(Put{key, std::to_string(i)});
                model[key] = std::to_string(i);
                break;
            case 1:
                batch.operations.emplace_back(Delete{key});
                model[key] = "deleted";
                break;
            default: {
                const std::string end = random.below(5) == 0 ? "" : random_key(random);
                batch.operations.emplace_back(DeleteRange{key, end});
                for (auto& [each, value] : model)
                    if (each >= key && (end.empty() || each < end)) value = "deleted";
            }
            }
            rows.apply(batch);
        }
        for (const auto& [key, expected] : model)
            ASSERT_EQ(found(rows, key), expected) << round << ' ' << key;
    }
}

} // namespace
} // namespace tegami::store
