// RFC 6376 §3.4
#include "trust/dkim/canonical.h"

#include "base/random.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

std::string canonical_body(Canonicalization form, const std::vector<std::string_view>& pieces) {
    std::string out;
    const auto sink = [&](std::string_view octets) { out += octets; };
    CanonicalBody body(form);
    for (const std::string_view piece : pieces)
        body.feed(piece, sink);
    body.finish(sink);
    return out;
}

TEST(Canonical, Fields) {
    struct Row {
        const char* field;
        const char* simple;
        const char* relaxed;
    };

    for (const Row& row : {
             Row{"A: X\r\n", "A: X\r\n", "a:X\r\n"},
             Row{"B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
             Row{"SUBJect:AbC", "SUBJect:AbC\r\n", "subject:AbC\r\n"},
             Row{"A:\r\n", "A:\r\n", "a:\r\n"},
             Row{"A: \r\n  \t\r\n", "A: \r\n  \t\r\n", "a:\r\n"},
             Row{"A:\r\n x : y\r\n", "A:\r\n x : y\r\n", "a:x : y\r\n"},
             Row{"A: a\rb \r c\r\r\n d\r\n", "A: a\rb \r c\r\r\n d\r\n", "a:a\rb \r c\r d\r\n"},
             Row{"A: a\n\tb c\n", "A: a\n\tb c\r\n", "a:a b c\r\n"},
             Row{"A: \xe6\x89\x8b  \xff\r\n", "A: \xe6\x89\x8b  \xff\r\n", "a:\xe6\x89\x8b \xff\r\n"},
         }) {
        std::string text;
        append_canonical(text, Canonicalization::simple, row.field);
        EXPECT_EQ(text, row.simple);
        append_canonical(text, Canonicalization::relaxed, row.field);
        EXPECT_EQ(text, std::string(row.simple) + row.relaxed);
    }
}

TEST(Canonical, BodiesInAnySplit) {
    struct Row {
        const char* body;
        const char* simple;
        const char* relaxed;
    };

    for (const Row& row : {
             Row{"", "\r\n", ""},
             Row{"\r\n", "\r\n", ""},
             Row{"\r\n\r\n\r\n", "\r\n", ""},
             Row{" \r\n\t \r\n", " \r\n\t \r\n", ""},
             Row{"a", "a\r\n", "a\r\n"},
             Row{"a\r\n", "a\r\n", "a\r\n"},
             Row{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
             Row{"a\r\n \r\n\r\nb \r\n \r\n", "a\r\n \r\n\r\nb \r\n \r\n", "a\r\n\r\n\r\nb\r\n"},
             Row{"\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"},
             Row{"a\rb\nc\r\r\n", "a\rb\nc\r\r\n", "a\rb\nc\r\r\n"},
             Row{"a \r b", "a \r b\r\n", "a \r b\r\n"},
             Row{"a\r", "a\r\r\n", "a\r\r\n"},
             Row{"  ", "  \r\n", ""},
         })
        testing::for_every_split(row.body, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(canonical_body(Canonicalization::simple, pieces), row.simple) << row.body;
            EXPECT_EQ(canonical_body(Canonicalization::relaxed, pieces), row.relaxed) << row.body;
        });
}

TEST(Canonical, LongRunsGoThroughWhole) {
    std::string lines;
    for (int number = 0; number < 3000; ++number)
        lines += "\r\n";
    const std::string word(5000, 'w');
    const std::string body = word + "  " + word + lines + "a" + std::string(4000, ' ') + "b\r\n" + lines;
    EXPECT_EQ(canonical_body(Canonicalization::simple, {body}),
              word + "  " + word + lines + "a" + std::string(4000, ' ') + "b\r\n");
    EXPECT_EQ(canonical_body(Canonicalization::relaxed, {body}), word + " " + word + lines + "a b\r\n");
}

// What is looked at in blocks is what octet by octet comes out.
TEST(Canonical, BodiesWholeAreAsOctetByOctet) {
    constexpr std::string_view kPieces[] = {" ", "  ", "\t", "\r\n", "\r\n\r\n", " \r\n", "\r", "\n", "a b", "\xff"};
    SeededRandom random(7);
    for (int number = 0; number < 200; ++number) {
        std::string body;
        for (int piece = 0; piece < 8; ++piece)
            body.append(random.number() % 100, 'w').append(kPieces[random.number() % std::size(kPieces)]);
        std::vector<std::string_view> octets;
        for (std::size_t at = 0; at < body.size(); ++at)
            octets.push_back(std::string_view(body).substr(at, 1));
        for (const Canonicalization form : {Canonicalization::simple, Canonicalization::relaxed})
            ASSERT_EQ(canonical_body(form, {body}), canonical_body(form, octets)) << ::testing::PrintToString(body);
    }
}

} // namespace
} // namespace tegami::dkim
