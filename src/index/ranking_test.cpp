// RFC 6203: what a search finds that need not be exact, and in which order.
#include "index/index_fixture.h"

#include "message/text.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace tegami::index {
namespace {

using ::testing::ElementsAre;

class RankingTest : public IndexFixture {
protected:
    void add(const std::string& name, const std::string& subject, const std::string& text) {
        const std::string letter = "Subject: " + subject + "\r\nFrom: Anna <anna@a.test>\r\n" +
                                   "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n";
        names_[add_letter(letter).email.value] = name;
    }

    /// The names of what is found, the best first.
    std::vector<std::string> best_of(std::string_view needle, FieldMask fields = kAllFields) {
        const Answers answers = asked({.fields = fields, .folded = message::fold_for_search(needle), .fuzzy = true});
        std::vector<std::pair<float, std::string>> found;
        for (const auto& [email, name] : names_) {
            const bool yes = answers.of(0, store::EmailId(email)) == Found::yes;
            const std::optional<float> score = answers.score(store::EmailId(email));
            EXPECT_EQ(yes, score.has_value()) << name;
            if (yes && score) found.emplace_back(-*score, name);
        }
        std::ranges::sort(found);
        std::vector<std::string> names;
        for (const auto& [score, name] : found)
            names.push_back(name);
        return names;
    }

    std::map<std::uint64_t, std::string> names_;
};

TEST_F(RankingTest, TheBestFirst) {
    add("body", "hello", "about the invoice of May");
    add("forms", "hello", "the invoices and payments");
    add("subject", "Invoice", "see the file");
    catch_up();
    add("rare", "the zebra", "payment of the invoice");
    add("longer", "the", "prepayments invoicing");
    add("none", "the weather", "the sun");
    catch_up(); // of two segments
    EXPECT_THAT(best_of("invoice"), ElementsAre("subject", "body", "rare", "forms", "longer"));
    EXPECT_THAT(best_of("payment invoice"), ElementsAre("rare", "forms"));
    EXPECT_THAT(best_of("invoice", mask_of(Field::subject)), ElementsAre("subject"));
    EXPECT_THAT(best_of("invoices zebras"), ElementsAre("rare"));
    EXPECT_THAT(best_of("the invoize"), ElementsAre("subject", "rare", "body")) << "misspelt";
    EXPECT_THAT(best_of("qqqq"), ElementsAre());
    EXPECT_THAT(best_of("..."), ElementsAre());
    EXPECT_EQ(best_of("anna@a.test").size(), names_.size());
}

TEST_F(RankingTest, TextWithoutSpaces) {
    add("tokyo", "日本", "東京都の天気");
    add("kyoto", "日本語", "京都の天気、東京の人");
    catch_up();
    EXPECT_THAT(best_of("東京都"), ElementsAre("kyoto", "tokyo")) << "each two neighbours are there";
    EXPECT_THAT(best_of("天気 東京"), ElementsAre("kyoto", "tokyo"));
    EXPECT_THAT(best_of("日本語"), ElementsAre("kyoto"));
    EXPECT_THAT(best_of("人"), ElementsAre("kyoto"));
    EXPECT_THAT(best_of("大阪"), ElementsAre());
}

TEST_F(RankingTest, OnlySoManyQuestions) {
    add("apple", "the apple", "pear");
    catch_up();
    const auto email = store::EmailId(names_.begin()->first);
    std::vector<Question> questions(kFuzzyQuestionsMax + 1, Question{.folded = "pears", .fuzzy = true});
    questions.push_back({.folded = "quince"});
    const auto answers = run(ask(&engine_, account_->id(), std::move(questions)));
    ASSERT_TRUE(answers);
    for (std::size_t at = 0; at < kFuzzyQuestionsMax; ++at)
        EXPECT_EQ(answers->of(at, email), Found::yes);
    EXPECT_EQ(answers->of(kFuzzyQuestionsMax, email), Found::maybe);
    EXPECT_EQ(answers->of(kFuzzyQuestionsMax + 1, email), Found::no);
}

TEST_F(RankingTest, WhatTheIndexDoesNotKnowIsLookedAt) {
    add("known", "the apple", "x");
    catch_up();
    const store::EmailId later = add_letter("Subject: apples\r\n\r\nx\r\n").email;
    const Answers answers = asked({.folded = "apple", .fuzzy = true});
    EXPECT_EQ(answers.of(0, later), Found::maybe);
    EXPECT_EQ(answers.score(later), std::nullopt);
}

} // namespace
} // namespace tegami::index
