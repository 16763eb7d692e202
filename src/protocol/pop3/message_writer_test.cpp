// RFC 1939 §3 (multi-line responses), §7 (TOP)
#include "protocol/pop3/message_writer.h"

#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::pop3 {
namespace {

/// What is written, the same for every split.
std::string written(std::string_view message, std::optional<std::uint32_t> top = std::nullopt) {
    std::optional<std::string> result;
    testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
        MessageWriter writer(top);
        std::string out;
        for (const std::string_view piece : pieces)
            writer.append(piece, out);
        writer.finish(out);
        if (!result) result = out;
        EXPECT_EQ(out, *result);
    });
    return *result;
}

constexpr std::string_view kMessage = "Subject: x\r\n\r\none\r\n.two\r\n\r\nfour\r\n";

TEST(MessageWriter, DotsAtTheStartOfLinesAreDoubled) {
    EXPECT_EQ(written(kMessage), "Subject: x\r\n\r\none\r\n..two\r\n\r\nfour\r\n.\r\n");
    EXPECT_EQ(written(".\r\n..\r\na.b\r\n"), "..\r\n...\r\na.b\r\n.\r\n");
}

TEST(MessageWriter, TopCountsBodyLinesOnly) {
    EXPECT_EQ(written(kMessage, 0), "Subject: x\r\n\r\n.\r\n");
    EXPECT_EQ(written(kMessage, 1), "Subject: x\r\n\r\none\r\n.\r\n");
    EXPECT_EQ(written(kMessage, 2), "Subject: x\r\n\r\none\r\n..two\r\n.\r\n");
    EXPECT_EQ(written(kMessage, 3), "Subject: x\r\n\r\none\r\n..two\r\n\r\n.\r\n");
    EXPECT_EQ(written(kMessage, 100), written(kMessage));
}

TEST(MessageWriter, DotsInHeadersAndAtTheEnd) {
    EXPECT_EQ(written(".odd\r\nA: b\r\n .folded\r\n\r\n.\r\n"), "..odd\r\nA: b\r\n .folded\r\n\r\n..\r\n.\r\n");
    EXPECT_EQ(written("A: b\r\n\r\n."), "A: b\r\n\r\n..\r\n.\r\n");
    EXPECT_EQ(written("A: b\r\n\r\nx\r\n.\r\ny\r\n", 2), "A: b\r\n\r\nx\r\n..\r\n.\r\n");
}

TEST(MessageWriter, TopOfAMessageWithoutBody) {
    EXPECT_EQ(written("A: b\r\nC: d\r\n", 0), "A: b\r\nC: d\r\n.\r\n");
    EXPECT_EQ(written("", 5), ".\r\n");
    EXPECT_EQ(written("\r\nbody\r\nmore\r\n", 1), "\r\nbody\r\n.\r\n");
}

TEST(MessageWriter, EveryLineEndsInCrLf) {
    EXPECT_EQ(written("no end"), "no end\r\n.\r\n");
    EXPECT_EQ(written("a\n.b\n"), "a\r\n..b\r\n.\r\n");
    EXPECT_EQ(written("a\r.b\r\r\nc"), "a\r\n..b\r\n\r\nc\r\n.\r\n");
    EXPECT_EQ(written("a\n\nb\nc\n", 1), "a\r\n\r\nb\r\n.\r\n");
}

TEST(MessageWriter, SaysWhenTopHasEnough) {
    MessageWriter top(1);
    std::string out;
    top.append("A: b\r\n\r\n", out);
    EXPECT_FALSE(top.done());
    top.append("one\r\n", out);
    EXPECT_TRUE(top.done());
    MessageWriter whole;
    whole.append("A: b\r\n\r\none\r\n", out);
    EXPECT_FALSE(whole.done());
}

} // namespace
} // namespace tegami::pop3
