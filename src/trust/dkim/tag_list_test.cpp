// RFC 6376 §3.2
#include "trust/dkim/tag_list.h"

#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::optional<Pairs> pairs_of(std::string_view text) {
    const auto list = TagList::parse(text);
    if (!list) return std::nullopt;
    Pairs pairs;
    for (const Tag& tag : list->tags())
        pairs.emplace_back(tag.name, tag.value);
    return pairs;
}

TEST(TagList, IsReadAsItStands) {
    struct Row {
        const char* text;
        Pairs pairs;
    };

    for (const Row& row : {
             Row{"a=1", {{"a", "1"}}},
             Row{"a=1;", {{"a", "1"}}},
             Row{"a=1; \t", {{"a", "1"}}},
             Row{" a \t=\r\n\t1 2 ;\r\n b_2=;C=", {{"a", "1 2"}, {"b_2", ""}, {"C", ""}}},
             Row{"a=x=y; A=z", {{"a", "x=y"}, {"A", "z"}}},
             Row{"a=x\r\n y", {{"a", "x\r\n y"}}},
             Row{"d=bücher.test", {{"d", "bücher.test"}}},
         })
        EXPECT_EQ(pairs_of(row.text), row.pairs) << row.text;
}

TEST(TagList, ThatBreaksTheGrammarIsInvalidAsAWhole) {
    struct Row {
        std::string text;
        const char* name;
    };

    for (const Row& row : {
             Row{"", ""},
             Row{"  ", ""},
             Row{";", ""},
             Row{"a", ""},
             Row{"a=1;;b=2", ""},
             Row{"a=1; ;", ""},
             Row{"=1", ""},
             Row{"1=1", ""},
             Row{"a b=1", ""},
             Row{"a-b=1", ""},
             Row{"a=1;a=1", "a"},
             Row{"a=1;b=2; a =3", "a"},
             Row{"a=\x01", "a"},
             Row{"a=1\r\n", "a"},
             Row{"a=1\n 2", "a"},
             Row{"a=1\r 2", "a"},
             Row{"a=1;b=\x7f", "b"},
             Row{"a=" + std::string(kTagListBytesMax, 'x'), ""},
         }) {
        const auto list = TagList::parse(row.text);
        ASSERT_FALSE(list) << row.text;
        EXPECT_EQ(list.error(), TagListFault{row.name}) << row.text;
    }
}

TEST(TagList, HasALimit) {
    std::string text;
    for (std::size_t number = 0; number < kTagsMax; ++number)
        text += "t" + std::to_string(number) + "=;";
    EXPECT_TRUE(TagList::parse(text));
    EXPECT_FALSE(TagList::parse(text + "more="));
}

TEST(TagList, KnowsWhereAValueStands) {
    const std::string text = "a=1; b= xy\r\n z ; c=";
    const auto list = TagList::parse(text);
    const Tag* tag = list->find("b");
    EXPECT_EQ(text.substr(tag->begin, tag->end - tag->begin), " xy\r\n z ");
    EXPECT_EQ(list->find("B"), nullptr);
    EXPECT_EQ(list->find("c")->begin, text.size());
    EXPECT_EQ(list->find("c")->end, text.size());
}

TEST(TagList, PartsOfAValue) {
    EXPECT_EQ(without_space(" a b\r\n\tc "), "abc");
    EXPECT_EQ(colon_list("a :\r\n b:c"), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_EQ(colon_list("a::"), (std::vector<std::string_view>{"a", "", ""}));
    EXPECT_EQ(colon_list(""), (std::vector<std::string_view>{""}));
}

} // namespace
} // namespace tegami::dkim
