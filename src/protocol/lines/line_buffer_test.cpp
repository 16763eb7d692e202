// Lines come out the same however their octets came in, and the buffer holds no more than it may.
#include "protocol/lines/line_buffer.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tegami::lines {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kLineBytesMax = 6;
constexpr std::size_t kSkippedBytesMax = 20;

/// Each line with "|" for CR LF and "/" for LF alone; "#" is one that was too long, "!" the end of patience.
std::vector<std::string> lines_in(const std::vector<std::string_view>& pieces) {
    LineBuffer buffer(kSkippedBytesMax);
    std::vector<std::string> lines;
    for (const std::string_view piece : pieces) {
        buffer.add(piece);
        for (;;) {
            const auto line = buffer.take_line(kLineBytesMax);
            if (!line) {
                if (line.error() == LineBuffer::Lack::endless) return lines.emplace_back("!"), lines;
                break;
            }
            if (line->too_long) EXPECT_EQ(line->text, "");
            lines.push_back(line->too_long ? "#" : line->text + (line->ends_in_crlf ? '|' : '/'));
        }
        buffer.compact();
        EXPECT_LE(buffer.waiting().size(), kLineBytesMax) << "what is too long is not kept";
    }
    return lines;
}

TEST(LineBuffer, LinesAreTheSameHoweverTheyCome) {
    struct Case {
        std::string_view octets;
        std::vector<std::string> lines;
    };

    for (const auto& [octets, expected] : std::vector<Case>{
             {"", {}},
             {"\r\n", {"|"}},
             {"\n\n\r\n", {"/", "/", "|"}},
             {"a\r\nb\nc", {"a|", "b/"}},
             {"a\rb\r\r\n", {"a\rb\r|"}},
             {std::string_view("a\0b\r\n", 5), {std::string("a\0b|", 4)}},
             {"abcd\r\nabcde\n", {"abcd|", "abcde/"}},               // at the limit, with their ends
             {"abcde\r\nx\r\n", {"#", "x|"}},                        // one octet above it
             {"abcdef\nabcdefghijklmnopq\r\nx\n", {"#", "#", "x/"}}, // what is skipped ends with its line
         })
        testing::for_every_split(octets, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(lines_in(pieces), expected) << octets << " in " << pieces.size() << " pieces";
        });
}

TEST(LineBuffer, ALineWithoutAnEndIsNotSkippedForEver) {
    const std::string endless(kSkippedBytesMax + 1, 'x');
    testing::for_every_split(
        endless, [](const std::vector<std::string_view>& pieces) { EXPECT_THAT(lines_in(pieces), ElementsAre("!")); });
    const std::string long_one(kSkippedBytesMax, 'x');
    testing::for_every_split(
        long_one, [](const std::vector<std::string_view>& pieces) { EXPECT_THAT(lines_in(pieces), IsEmpty()); });
    // Patience is for each line anew.
    const std::string two = long_one + "\n" + long_one + "\nx\n";
    testing::for_every_split(two, [](const std::vector<std::string_view>& pieces) {
        EXPECT_THAT(lines_in(pieces), ElementsAre("#", "#", "x/"));
    });
}

TEST(LineBuffer, GivesOctetsThatAreNoLines) {
    LineBuffer buffer(kSkippedBytesMax);
    buffer.add("a\r\n.body\r\n.\r\nb\r\n");
    EXPECT_EQ(buffer.take_line(kLineBytesMax)->text, "a");
    EXPECT_TRUE(buffer.in_line());
    EXPECT_EQ(buffer.waiting(), ".body\r\n.\r\nb\r\n");
    buffer.take(10);
    buffer.compact();
    EXPECT_EQ(buffer.take_line(kLineBytesMax)->text, "b");
    EXPECT_FALSE(buffer.in_line());
    EXPECT_EQ(buffer.waiting(), "");
}

} // namespace
} // namespace tegami::lines
