// RFC 6376 §3.7, §5.4.2
#include "trust/dkim/header_hash.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dkim {
namespace {

using ::testing::ElementsAre;

TEST(HeaderEnd, IsWhereTheMessageHeaderHasIt) {
    for (const std::string_view message :
         {"", "\r\n", "\n", "\r", "a: b", "a: b\r\n", "a: b\r\n\r\nbody\r\n\r\n", "a: b\n\nbody", "\r\n\r\n",
          "\r\r\n\r\n", "a\r\r\n\r\nb", "a: b\r\n\r\r\n\r\nbody", "a: b\r\n \r\n\r\nbody", "a: b\r\n\rbody\r\n\r\n"}) {
        const message::Header header(message);
        testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
            HeaderEnd end;
            std::size_t size = 0;
            for (const std::string_view piece : pieces)
                size += end.feed(piece);
            EXPECT_EQ(size, header.size()) << message;
            EXPECT_EQ(end.reached(), header.has_end()) << message;
        });
    }
}

TEST(Fields, AreChosenFromBelow) {
    const message::Header front("A: 0\r\nD: 0\r\n");
    const message::Header header("A: 1\r\nB: 1\r\na : 2\r\njunk\r\nA: 3\r\n\r\n");
    FieldIndex index;
    index.add(front);
    index.add(header);
    EXPECT_THAT(choose_fields(index, {"a", "C", "B", "A", "b"}), ElementsAre("A: 3\r\n", "B: 1\r\n", "a : 2\r\n"));
    EXPECT_THAT(choose_fields(index, {"A", "A", "A", "A", "A", "d"}),
                ElementsAre("A: 3\r\n", "a : 2\r\n", "A: 1\r\n", "A: 0\r\n", "D: 0\r\n"));
    const std::string_view own = header.text(header.fields()[2]);
    EXPECT_THAT(choose_fields(index, {"A", "A", "A", "A"}, own), ElementsAre("A: 3\r\n", "A: 1\r\n", "A: 0\r\n"));
}

TEST(HeaderDigest, LeavesOutTheSignatureAndItsLineEnd) {
    const auto digest_of = [](std::string_view octets) {
        Sha256 hash;
        hash.update(octets);
        return hash.digest();
    };
    constexpr std::string_view kOwn = "DKIM-Signature: a=1;\r\n b = QUJD ; c=2\r\n";
    const std::size_t begin = kOwn.find(" QUJD");
    const std::size_t end = kOwn.find("; c");
    EXPECT_EQ(header_digest(Canonicalization::simple, {"A: 1\r\n"}, kOwn, begin, end),
              digest_of("A: 1\r\nDKIM-Signature: a=1;\r\n b =; c=2"));
    EXPECT_EQ(header_digest(Canonicalization::relaxed, {"A: 1\r\n"}, kOwn, begin, end),
              digest_of("a:1\r\ndkim-signature:a=1; b =; c=2"));
}

TEST(HeaderOctets, AreKeptAsFarAsTheyAreLookedAt) {
    const std::string message = "A: b\r\n\r\nbody\r\n\r\n";
    testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
        HeaderOctets header;
        std::size_t size = 0;
        for (const std::string_view piece : pieces)
            size += header.feed(piece);
        EXPECT_EQ(size, 8);
        EXPECT_EQ(header.octets(), "A: b\r\n\r\n");
        EXPECT_TRUE(header.reached_end());
        EXPECT_FALSE(header.truncated());
    });
    HeaderOctets large;
    EXPECT_EQ(large.feed(std::string(message::kHeaderBytesMax, 'x')), message::kHeaderBytesMax);
    EXPECT_FALSE(large.truncated());
    EXPECT_EQ(large.feed("yz"), 2);
    EXPECT_TRUE(large.truncated());
    EXPECT_EQ(large.octets().size(), message::kHeaderBytesMax);
    large.clear();
    EXPECT_EQ(large.octets(), "");
}

} // namespace
} // namespace tegami::dkim
