#include "base/uid_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tegami {
namespace {

using ::testing::ElementsAre;

TEST(UidSet, JoinsAndCutsRanges) {
    UidSet set{5, 1, 2, 9, 3};
    EXPECT_THAT(set.ranges(),
                ElementsAre(UidRange{Uid(1), Uid(3)}, UidRange{Uid(5), Uid(5)}, UidRange{Uid(9), Uid(9)}));
    set.add(UidRange{Uid(4), Uid(8)});
    EXPECT_EQ(set, UidSet::range(Uid(1), Uid(9)));
    set.subtract({1, 4, 5, 9});
    EXPECT_THAT(set.ranges(), ElementsAre(UidRange{Uid(2), Uid(3)}, UidRange{Uid(6), Uid(8)}));
    EXPECT_TRUE(set.contains(Uid(7)));
    EXPECT_FALSE(set.contains(Uid(5)));
    EXPECT_EQ(set.size(), 5u);
    set.merge(UidSet::all());
    EXPECT_EQ(set, UidSet::all());
    set.subtract(UidSet::all());
    EXPECT_TRUE(set.empty());
}

TEST(UidSet, RemovesTheHighest) {
    UidSet set{1, 2, 3, 7, 8, 20};
    set.remove_highest(2);
    EXPECT_EQ(set, (UidSet{1, 2, 3, 7}));
    set.remove_highest(9);
    EXPECT_TRUE(set.empty());
}

UidSet any_set(std::mt19937& random) {
    UidSet set;
    for (int i = 0; i < 6; ++i) {
        const std::uint32_t first = 1 + random() % 30;
        set.add(UidRange{Uid(first), Uid(first + random() % 6)});
    }
    return set;
}

TEST(UidSet, AgreesWithAPlainSet) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const UidSet before = any_set(random);
        const UidSet other = any_set(random);
        UidSet merged = before;
        merged.merge(other);
        UidSet subtracted = before;
        subtracted.subtract(other);
        UidSet common = before;
        common.intersect(other);
        for (std::uint32_t uid = 0; uid < 40; ++uid) {
            const bool in_before = before.contains(Uid(uid));
            const bool in_other = other.contains(Uid(uid));
            EXPECT_EQ(merged.contains(Uid(uid)), in_before || in_other) << uid;
            EXPECT_EQ(subtracted.contains(Uid(uid)), in_before && !in_other) << uid;
            EXPECT_EQ(common.contains(Uid(uid)), in_before && in_other) << uid;
        }
        for (const UidSet& set : {before, merged, subtracted, common})
            for (std::size_t i = 1; i < set.ranges().size(); ++i)
                EXPECT_GT(set.ranges()[i].first.value, set.ranges()[i - 1].last.value + 1);
    }
}

} // namespace
} // namespace tegami
