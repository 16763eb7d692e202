#include "index/near_words.h"

#include <gtest/gtest.h>

namespace tegami::index {
namespace {

std::size_t number_of(std::string_view stemmer) {
    std::size_t at = 0;
    while (languages()[at].stemmer != stemmer)
        ++at;
    return at;
}

/// How near `other` is, if the index would come to it at all.
float nearness(const Stemmers& stemmers, std::string_view word, std::string_view other,
               NearWord::By by = NearWord::By::form) {
    const NearWord near(word, by, &stemmers);
    for (const std::string& beginning : near.beginnings())
        if (other.starts_with(beginning)) return near.nearness(other);
    return 0;
}

TEST(NearWords, FormsOfAWord) {
    struct Case {
        const char* language;
        const char* word;
        const char* other;
        float nearness;
    };

    const std::vector<Case> cases{
        {"english", "running", "run", kOtherForm},
        {"english", "run", "running", kOtherForm},
        {"english", "happy", "happiness", kOtherForm},
        {"english", "happiness", "happy", kOtherForm},
        {"english", "flies", "fly", kOtherForm},
        {"english", "invoice", "invoices", kOtherForm},
        {"english", "invoice", "invoice", kSameWord},
        {"english", "conf", "conference", kLongerWord},
        {"english", "co", "conference", 0},
        {"english", "broken", "invoice", 0},
        {"german", "haus", "h\xc3\xa4user", kOtherForm},
        {"german", "h\xc3\xa4user", "haus", kOtherForm},
        {"german", "rechnungen", "rechnung", kOtherForm},
        {"french", "chevaux", "cheval", kOtherForm},
        {"french", "cheval", "chevaux", kOtherForm},
        {"spanish", "facturas", "factura", kOtherForm},
        {"russian", "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb0", "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb8", kOtherForm},
    };
    for (const Case& one : cases) {
        const Stemmers stemmers({number_of(one.language)});
        EXPECT_EQ(nearness(stemmers, one.word, one.other), one.nearness) << one.word << ' ' << one.other;
    }
}

TEST(NearWords, EveryLanguageHasAStemmer) {
    std::vector<std::size_t> all;
    for (std::size_t at = 0; at < languages().size(); ++at)
        all.push_back(at);
    const Stemmers stemmers(all);
    EXPECT_EQ(stemmers.stems("word").size(), all.size());
    EXPECT_EQ(nearness(stemmers, "\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x89"), kSameWord);
}

TEST(NearWords, OtherSpellings) {
    const Stemmers none({});
    const auto by_spelling = [&](std::string_view word, std::string_view other) {
        return nearness(none, word, other, NearWord::By::spelling) == kOtherSpelling;
    };
    EXPECT_TRUE(by_spelling("helo", "hello"));
    EXPECT_TRUE(by_spelling("helo", "help"));
    EXPECT_TRUE(by_spelling("hlelo", "hello"));
    EXPECT_TRUE(by_spelling("caf\xc3\xa9s", "cafes"));
    EXPECT_TRUE(by_spelling("conferance", "conference"));
    EXPECT_TRUE(by_spelling("confrance", "conference"));
    EXPECT_FALSE(by_spelling("helo", "jello")) << "it begins with another character";
    EXPECT_FALSE(by_spelling("helo", "helium"));
    EXPECT_FALSE(by_spelling("the", "thee")) << "short words are as they are";
}

TEST(NearWords, Differences) {
    EXPECT_TRUE(is_nearly(U"", U"", 0));
    EXPECT_TRUE(is_nearly(U"ab", U"ba", 1));
    EXPECT_FALSE(is_nearly(U"ab", U"ba", 0));
    EXPECT_TRUE(is_nearly(U"abc", U"", 3));
    EXPECT_FALSE(is_nearly(U"abc", U"", 2));
    EXPECT_TRUE(is_nearly(U"kitten", U"sitting", 3));
    EXPECT_FALSE(is_nearly(U"kitten", U"sitting", 2));
}

} // namespace
} // namespace tegami::index
