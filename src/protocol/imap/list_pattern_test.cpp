// RFC 9051 §6.3.9
#include "protocol/imap/list_pattern.h"

#include "base/random.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
    return ListPattern("", pattern).matches(name);
}

/// The definition, by trying everything.
bool reference_match(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '*' || pattern.front() == '%') {
        if (reference_match(pattern.substr(1), name)) return true;
        return !name.empty() && (pattern.front() == '*' || name.front() != '/') &&
               reference_match(pattern, name.substr(1));
    }
    return !name.empty() && name.front() == pattern.front() && reference_match(pattern.substr(1), name.substr(1));
}

TEST(ListPattern, Wildcards) {
    EXPECT_TRUE(matches("*", "a/b/c"));
    EXPECT_TRUE(matches("%", "a"));
    EXPECT_FALSE(matches("%", "a/b"));
    EXPECT_TRUE(matches("%/%", "a/b"));
    EXPECT_TRUE(matches("a/%", "a/b"));
    EXPECT_FALSE(matches("a/%", "a"));
    EXPECT_TRUE(matches("a*", "a"));
    EXPECT_TRUE(matches("*c", "a/b/c"));
    EXPECT_FALSE(matches("%c", "a/b/c"));
    EXPECT_TRUE(matches("%*", "a/b/c"));
    EXPECT_TRUE(matches("a%c", "abbbc"));
    EXPECT_FALSE(matches("", "a"));
    EXPECT_FALSE(matches("A", "a"));
}

TEST(ListPattern, InboxInAnyCase) {
    EXPECT_TRUE(matches("inbox", "INBOX"));
    EXPECT_TRUE(matches("InB%", "INBOX"));
    EXPECT_TRUE(matches("inbox/sub", "INBOX/sub"));
    EXPECT_FALSE(matches("inbox/SUB", "INBOX/sub"));
    EXPECT_FALSE(matches("inboxes", "INBOXES"));
}

// RFC 9051 §6.3.9.2.
TEST(ListPattern, JoinsTheReference) {
    EXPECT_TRUE(ListPattern("foo/", "%").matches("foo/bar"));
    EXPECT_FALSE(ListPattern("foo/", "%").matches("foo/bar/baz"));
    EXPECT_TRUE(ListPattern("foo", "*").matches("foobar"));
    EXPECT_EQ(ListPattern("a/", "%%*%").text(), "a/*");
}

TEST(ListPattern, KnowsWhetherChildrenCouldMatch) {
    EXPECT_TRUE(ListPattern("", "*").may_match_below("a"));
    EXPECT_FALSE(ListPattern("", "%").may_match_below("a"));
    EXPECT_TRUE(ListPattern("", "%/%").may_match_below("a"));
    EXPECT_FALSE(ListPattern("", "%/%").may_match_below("a/b"));
    EXPECT_TRUE(ListPattern("", "a/b").may_match_below("a"));
    EXPECT_FALSE(ListPattern("", "a/b").may_match_below("c"));
    EXPECT_TRUE(ListPattern("", "inbox/%").may_match_below("INBOX"));
}

TEST(ListPattern, IsComposedAsNamesAre) {
    EXPECT_TRUE(matches("U\u0308b*", "Über"));
    EXPECT_TRUE(ListPattern("Cafe\u0301/", "%").matches("Café/Ole"));
    EXPECT_TRUE(ListPattern("Cafe", "\u0301").matches("Café"));
    EXPECT_TRUE(matches("*か\u3099", "ががが"));
    EXPECT_FALSE(matches("U*", "Über"));
}

TEST(ListPattern, AgreesWithTheDefinition) {
    SeededRandom random(3);
    const auto text = [&](std::string_view alphabet) {
        std::string result;
        for (std::uint64_t length = random.below(8); length > 0; --length)
            result += alphabet[random.below(alphabet.size())];
        return result;
    };
    for (int round = 0; round < 20000; ++round) {
        const std::string pattern = text("ab/%*");
        const std::string name = text("ab/");
        EXPECT_EQ(matches(pattern, name), reference_match(pattern, name)) << pattern << " " << name;
    }
}

TEST(ListPattern, HostilePatternsEnd) {
    std::string pattern;
    for (int n = 0; n < 400; ++n)
        pattern += "*a%b";
    EXPECT_FALSE(matches(pattern, std::string(1000, 'a')));
    EXPECT_FALSE(matches(std::string(kListPatternBytesMax + 1, 'a'), "a"));
}

} // namespace
} // namespace tegami::imap
