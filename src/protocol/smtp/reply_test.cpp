// RFC 5321 §4.2, RFC 2034, RFC 3463
#include "protocol/smtp/reply.h"

#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

struct Read {
    std::vector<Reply> replies;
    std::optional<ReplyError> error;

    bool operator==(const Read&) const = default;
};

/// Everything read, the same for every split.
Read read_all(std::string_view bytes) {
    std::optional<Read> result;
    testing::for_every_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        ReplyReader reader;
        Read read;
        for (std::string_view piece : pieces) {
            while (!piece.empty() && !read.error) {
                const auto reply = reader.read(piece);
                if (!reply)
                    read.error = reply.error();
                else if (*reply)
                    read.replies.push_back(**reply);
            }
        }
        if (!result) result = read;
        EXPECT_EQ(read, *result);
    });
    return *result;
}

TEST(Reply, Encode) {
    EXPECT_EQ(encode(make_reply(250, "", "OK")), "250 OK\r\n");
    EXPECT_EQ(encode(make_reply(550, "5.1.1", "no\nsuch\nuser")),
              "550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n");
    EXPECT_EQ(encode(Reply{.code = 250}), "250 \r\n");
    EXPECT_EQ(encode(Reply{.code = 550, .lines = {"a\r\nb\n"}}), "550 a??b?\r\n");
}

TEST(Reply, LongLinesAreCutBetweenCharacters) {
    const std::string line = encode(make_reply(550, "5.1.1", std::string(600, 'x')));
    EXPECT_EQ(line.size(), 512U);
    std::string text;
    for (int count = 0; count < 300; ++count)
        text += "\u3042";
    const std::string japanese = encode(make_reply(550, "5.1.1", text));
    EXPECT_LE(japanese.size(), 512U);
    EXPECT_EQ((japanese.size() - 2 - 10) % 3, 0U);
}

TEST(Reply, RoundTrip) {
    for (const Reply& reply : {make_reply(250, "", "OK"), make_reply(550, "5.1.1", "a\nb\nc"), make_reply(220, "", ""),
                               make_reply(452, "4.2.2", "x\n\ny")})
        EXPECT_EQ(read_all(encode(reply)).replies, std::vector<Reply>{reply});
}

TEST(Reply, SeveralAndBareLineFeeds) {
    const Read read = read_all("220 hi\r\n250-a\n250-b\n250 c\n354\r\n");
    ASSERT_EQ(read.replies.size(), 3U);
    EXPECT_EQ(read.replies[1].lines, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(read.replies[2].lines, std::vector<std::string>{""});
}

TEST(Reply, StatusMustFitTheCode) {
    EXPECT_EQ(read_all("550 4.1.1 x\r\n").replies[0].status, std::nullopt);
    EXPECT_EQ(read_all("550 4.1.1 x\r\n").replies[0].lines[0], "4.1.1 x");
    EXPECT_EQ(read_all("550-5.1.1 x\r\n550 y\r\n").replies[0].lines, (std::vector<std::string>{"x", "y"}));
}

TEST(Reply, EnhancedStatus) {
    EXPECT_EQ(parse_enhanced_status("5.7.999 x"), (EnhancedStatus{5, 7, 999}));
    EXPECT_EQ(parse_enhanced_status("2.0.0"), (EnhancedStatus{2, 0, 0}));
    for (const std::string_view bad :
         {"", "5", "5.1", "5.1.", "5..1", "3.1.1", "5.1.1x", "5.1.1.1", "5.1000.1", "5.01.1", "x.1.1", "55.1.1"})
        EXPECT_EQ(parse_enhanced_status(bad), std::nullopt) << bad;
    EXPECT_EQ(to_string(EnhancedStatus{4, 2, 2}), "4.2.2");
}

TEST(Reply, Junk) {
    for (const std::string_view junk :
         {"hello\r\n", " \r\n", "25\r\n", "250x\r\n", "150 x\r\n", "650 x\r\n", "HTTP/1.1 200 OK\r\n", "25\xb0 x\r\n"})
        EXPECT_EQ(read_all(junk).error, ReplyError::not_a_reply) << junk;
    EXPECT_TRUE(read_all("250-a\r\n250-b\r\n").replies.empty());
}

/// Where the lines have different codes (postscreen of Postfix) the last one counts, with its status.
TEST(Reply, TheLastLineDecides) {
    const Read read = read_all("220-mx.b.test ESMTP\r\n521 5.7.1 Service unavailable\r\n"
                               "250-2.1.0 a\r\n250-2.1.0 b\r\n451-4.3.0 c\r\n451 4.3.0 d\r\n550-5.1.1 e\r\n250 f\r\n");
    ASSERT_EQ(read.replies.size(), 3U);
    EXPECT_EQ(one_line(read.replies[0]), "521 5.7.1 mx.b.test ESMTP / Service unavailable");
    EXPECT_EQ(one_line(read.replies[1]), "451 4.3.0 a / b / c / d");
    EXPECT_EQ(one_line(read.replies[2]), "250 e / f");
}

TEST(Reply, EmptyLinesAreNoReplies) {
    const Read read = read_all("\r\n220 x\r\n\r\n\n250-a\r\n\r\n250 b\r\n\r\n");
    ASSERT_EQ(read.replies.size(), 2U);
    EXPECT_EQ(one_line(read.replies[1]), "250 a / b");
    ReplyReader endless;
    const std::string empty(kReplyBytesMax + 1, '\n');
    std::string_view bytes = empty;
    EXPECT_EQ(endless.read(bytes).error(), ReplyError::too_long);
}

TEST(Reply, Limits) {
    ReplyReader long_line;
    const std::string much(kReplyLineBytesMax + 1, 'x');
    std::string_view bytes = much;
    EXPECT_EQ(long_line.read(bytes).error(), ReplyError::too_long);
    bytes = "250 ok\r\n";
    EXPECT_EQ(long_line.read(bytes).error(), ReplyError::too_long) << "stays failed";

    ReplyReader many_lines;
    std::string lines;
    for (std::size_t count = 0; count <= kReplyLinesMax; ++count)
        lines += "250-x\r\n";
    bytes = lines;
    EXPECT_EQ(many_lines.read(bytes).error(), ReplyError::too_many_lines);

    ReplyReader much_text;
    std::string text;
    for (int count = 0; count < 100; ++count)
        text += "250-" + std::string(1000, 'x') + "\r\n";
    bytes = text;
    EXPECT_EQ(much_text.read(bytes).error(), ReplyError::too_long);
}

} // namespace
} // namespace tegami::smtp
