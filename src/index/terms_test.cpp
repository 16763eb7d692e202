#include "index/terms.h"

#include "message/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Terms final : public TermSplitter::Sink {
public:
    void term(std::string_view term) override { all.emplace_back(term); }

    std::vector<std::string> all;
};

std::vector<std::string> terms_of(std::string_view text) {
    Terms terms;
    TermSplitter splitter(&terms);
    splitter.feed(message::fold_for_search(text));
    splitter.finish();
    return terms.all;
}

TEST(Terms, AreWordsAndPairsOfNeighbours) {
    EXPECT_THAT(terms_of("Meeting at 10:30, Grüße!"), ElementsAre("meeting", "at", "10", "30", "grüsse"));
    EXPECT_THAT(terms_of("日本語"), ElementsAre("日本", "本語"));
    EXPECT_THAT(terms_of("日"), ElementsAre("日"));
    EXPECT_THAT(terms_of("abc日本、ﾃｽﾄ"), ElementsAre("abc", "日本", "テス", "スト"));
    EXPECT_THAT(terms_of("a_b@c.d"), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(terms_of("🎉"), ElementsAre("🎉"));
    EXPECT_THAT(terms_of(" ... "), IsEmpty());
}

TEST(Terms, OfALongWordOverlap) {
    std::string word;
    for (int i = 0; i < 150; ++i)
        word += static_cast<char>('a' + i % 26);
    EXPECT_THAT(terms_of(word), ElementsAre(word.substr(0, 64), word.substr(48, 64), word.substr(96)));
    EXPECT_THAT(terms_of(word.substr(0, 64)), ElementsAre(word.substr(0, 64)));
    EXPECT_THAT(terms_of(word.substr(0, 65)), ElementsAre(word.substr(0, 64), word.substr(48, 17)));
}

TEST(NeedlePlan, SaysWhatATextMustHave) {
    using enum Piece::Fit;

    struct Case {
        std::string_view needle;
        std::vector<Piece> pieces;
        bool exact;
    };

    const std::string long_word(20, 'x');
    const Case cases[] = {
        {"meet", {{inside, "meet"}}, true},
        {" meet", {{prefix, "meet"}}, false},
        {"meet.", {{suffix, "meet"}}, false},
        {"to meet you", {{suffix, "to"}, {whole, "meet"}, {prefix, "you"}}, false},
        {"日", {{inside, "日"}}, true},
        {"日本", {{whole, "日本"}}, true},
        {"日本語", {{whole, "日本"}, {whole, "本語"}}, false},
        {"日a", {{suffix, "日"}, {prefix, "a"}}, false},
        {long_word, {{inside, long_word.substr(0, 16)}}, false},
        {"!?", {}, false},
    };
    for (const Case& each : cases) {
        const NeedlePlan plan = plan_needle(each.needle);
        EXPECT_EQ(plan.pieces, each.pieces) << each.needle;
        EXPECT_EQ(plan.exact, each.exact) << each.needle;
    }
}

} // namespace
} // namespace tegami::index
