// RFC 9051 §9 (sequence-set), §4.1
#include "protocol/imap/sequence_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NumberRanges resolved(std::string_view text, std::uint32_t highest) {
    const std::optional<SequenceSet> set = SequenceSet::parse(text);
    EXPECT_TRUE(set.has_value()) << text;
    return set ? set->resolve(highest) : NumberRanges();
}

// The examples of RFC 9051 §9 beside seq-number, seq-range and sequence-set.
TEST(SequenceSet, ResolvesTheExamplesOfTheStandard) {
    EXPECT_EQ(resolved("2:4", 10), resolved("4:2", 10));
    EXPECT_THAT(resolved("2:4", 10), ElementsAre(NumberRange{2, 4}));
    EXPECT_THAT(resolved("3291:*", 100), ElementsAre(NumberRange{100, 3291}));
    EXPECT_THAT(resolved("2,4:7,9,12:*", 15),
                ElementsAre(NumberRange{2, 2}, NumberRange{4, 7}, NumberRange{9, 9}, NumberRange{12, 15}));
    EXPECT_THAT(resolved("*:4,5:7", 10), ElementsAre(NumberRange{4, 10}));
}

TEST(SequenceSet, StarMeansNothingInAnEmptyMailbox) {
    EXPECT_THAT(resolved("*", 0), IsEmpty());
    EXPECT_THAT(resolved("1:*,7", 0), ElementsAre(NumberRange{7, 7}));
}

TEST(SequenceSet, JoinsNeighboursUpToTheLargestNumber) {
    EXPECT_THAT(resolved("4294967295,4294967294,1,2,3,2", 5),
                ElementsAre(NumberRange{1, 3}, NumberRange{4294967294, 4294967295}));
}

TEST(SequenceSet, RefusesWhatIsNoSet) {
    for (const std::string_view text : {"", "0", "1,", ",1", "1:", ":1", "1:2:3", "a", "1 ", "-1", "+1", "4294967296",
                                        "$,1", "1,$", "**", "0:*", "01x"})
        EXPECT_FALSE(SequenceSet::parse(text).has_value()) << text;
}

TEST(SequenceSet, LimitsElements) {
    std::string text = "1";
    for (std::size_t n = 1; n < kSequenceSetElementsMax; ++n)
        text += ",1";
    EXPECT_TRUE(SequenceSet::parse(text).has_value());
    EXPECT_FALSE(SequenceSet::parse(text + ",1").has_value());
}

TEST(SequenceSet, PrintsAsItWasSent) {
    for (const std::string_view text : {"1", "*", "$", "5:*,*:7,3:1,9"})
        EXPECT_EQ(SequenceSet::parse(text)->to_string(), text);
    EXPECT_TRUE(SequenceSet::parse("$")->is_saved_result());
    EXPECT_EQ(SequenceSet::parse("5:*,7")->highest_named(), 7U);
}

TEST(NumberRanges, CountAndPrint) {
    const std::vector<std::uint32_t> numbers{1, 2, 3, 7, 9, 10};
    const NumberRanges ranges = ranges_of(numbers);
    EXPECT_EQ(to_string(ranges), "1:3,7,9:10");
    EXPECT_EQ(count_of(ranges), 6U);
    EXPECT_EQ(count_of(NumberRanges{{1, 4294967295}}), 4294967295U);
}

} // namespace
} // namespace tegami::imap
