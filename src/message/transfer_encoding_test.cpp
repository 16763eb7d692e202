#include "message/transfer_encoding.h"

#include "base/random.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;
using testing::for_every_split;

void expect_decoded(TransferEncoding encoding, std::string_view encoded, std::string_view expected) {
    for_every_split(encoded, [&](const std::vector<std::string_view>& pieces) {
        TransferDecoder decoder(encoding);
        std::string out;
        for (const std::string_view piece : pieces)
            decoder.feed(piece, out);
        decoder.finish(out);
        ASSERT_EQ(out, expected) << encoded << " in " << pieces.size();
    });
}

TEST(Base64Decoder, ReadsWhatMailHas) {
    const auto base64 = TransferEncoding::base64;
    expect_decoded(base64, "aGVsbG8gd29ybGQ=", "hello world");
    expect_decoded(base64, "aGVs\r\nbG8g\r\nd29y\r\nbGQ=\r\n", "hello world");
    expect_decoded(base64, "aGVsbG8gd29ybGQ", "hello world");
    expect_decoded(base64, "aGVs bG8g\0d29y*bGQ=!"sv, "hello world");
    expect_decoded(base64, "aGVsbG8=IHdvcmxk", "hello world");
    expect_decoded(base64, "aGVsbG8=\r\nIHdvcmxk\r\n", "hello world");
    expect_decoded(base64, "=aGVsbG8====", "hello");
    // Lines that are no multiple of four, indented, and another encoded text behind the first, as lists put footers.
    expect_decoded(base64, "aGVsb\r\nG8gd2\r\n9ybGQ=", "hello world");
    expect_decoded(base64, "  aGVs\r\n\t bG8=\r\n", "hello");
    expect_decoded(base64, "aGVsbA==\r\nbyB3b3JsZA==", "hello world");
    expect_decoded(base64, "a", "");
    expect_decoded(base64, "", "");
    expect_decoded(base64, "\xff\xfe", "");
}

TEST(QuotedPrintableDecoder, ReadsWhatMailHas) {
    const auto qp = TransferEncoding::quoted_printable;
    expect_decoded(qp, "a=3Db=\r\nc\r\n", "a=bc\r\n");
    expect_decoded(qp, "a=e3=81=82", "a\xe3\x81\x82");
    expect_decoded(qp, "trailing  \t\r\nblank \nend  ", "trailing\r\nblank\nend");
    expect_decoded(qp, "soft =  \r\nbreak=\n end", "soft break end");
    expect_decoded(qp, "bad =XY =4 =\t=", "bad =XY =4 =\t");
    expect_decoded(qp, "=4=41", "=4A");
    expect_decoded(qp, "==41", "=A");
    expect_decoded(qp, "inner  blanks\there", "inner  blanks\there");
    expect_decoded(qp, "a\rb", "a\rb");
    expect_decoded(qp, "a=\rb", "a=\rb");
    expect_decoded(qp, "\0=00"sv, "\0\0"sv);
    expect_decoded(qp, "end=", "end");
    expect_decoded(qp, "end=4", "end=4");
    std::string blanks(3'000, ' ');
    expect_decoded(qp, "a" + blanks.substr(0, 900) + "\n", "a\n");
    const std::string long_run = decode_transfer("a" + blanks + "b", qp);
    EXPECT_EQ(long_run, "a" + blanks + "b");
}

TEST(TransferDecoder, PassesOtherEncodingsThrough) {
    for (const auto encoding : {TransferEncoding::seven_bit, TransferEncoding::eight_bit, TransferEncoding::binary,
                                TransferEncoding::unknown})
        EXPECT_EQ(decode_transfer("a=3D \r\n\xff", encoding), "a=3D \r\n\xff");
}

TEST(TransferEncoder, GivesBackEveryOctet) {
    SeededRandom random(5);
    const std::string_view pieces[] = {"\r\n", "\r", "\n", " ", "\t", "=", "a", "bc", "\0"sv, "\xff", ".", "--", "日"};
    for (int round = 0; round < 5'000; ++round) {
        std::string octets;
        for (auto left = random.below(round % 10 == 0 ? 400 : 12); left > 0; --left)
            octets += pieces[random.below(std::size(pieces))];
        for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable}) {
            const std::string encoded = encode_transfer(octets, encoding);
            ASSERT_EQ(decode_transfer(encoded, encoding), octets) << encoded;
            std::size_t column = 0;
            for (const char c : encoded) {
                ASSERT_TRUE(c == '\r' || c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f));
                column = c == '\n' ? 0 : column + 1;
                ASSERT_LE(column, 77U) << encoded;
            }
            // Any split of the input gives the same encoding.
            TransferEncoder encoder(encoding);
            std::string split;
            const std::size_t cut = random.below(octets.size() + 1);
            encoder.feed(std::string_view(octets).substr(0, cut), split);
            encoder.feed(std::string_view(octets).substr(cut), split);
            encoder.finish(split);
            ASSERT_EQ(split, encoded);
        }
    }
}

TEST(TransferEncoder, NeverLeavesBlanksAtTheEndOfALine) {
    const std::string encoded =
        encode_transfer("blank \r\ntab\t\r\n" + std::string(200, ' ') + "\r\nend ", TransferEncoding::quoted_printable);
    EXPECT_EQ(encoded.find(" \r\n"), encoded.npos);
    EXPECT_EQ(encoded.find("\t\r\n"), encoded.npos);
    EXPECT_TRUE(encoded.ends_with("end=20"));
}

TEST(TransferEncoding, IsNamed) {
    EXPECT_EQ(parse_transfer_encoding(" Base64 (comment)"), TransferEncoding::base64);
    EXPECT_EQ(parse_transfer_encoding("QUOTED-PRINTABLE;"), TransferEncoding::quoted_printable);
    EXPECT_EQ(parse_transfer_encoding(""), TransferEncoding::seven_bit);
    EXPECT_EQ(parse_transfer_encoding("x-uuencode"), TransferEncoding::unknown);

    struct Case {
        std::string_view value;
        TransferEncoding meant;
    };

    for (const Case& each : {
             Case{"\"base64\"", TransferEncoding::base64},
             Case{"base-64", TransferEncoding::base64},
             Case{"(really) base64, x", TransferEncoding::base64},
             Case{"'quoted-printable'", TransferEncoding::quoted_printable},
             Case{"quoted printable", TransferEncoding::quoted_printable},
             Case{"8 bit", TransferEncoding::eight_bit},
             Case{"8-BIT", TransferEncoding::eight_bit},
             Case{"7 bits", TransferEncoding::seven_bit},
             Case{"utf-8", TransferEncoding::eight_bit},
             Case{"ISO-2022-JP", TransferEncoding::eight_bit},
             Case{"us-ascii", TransferEncoding::eight_bit},
             Case{"none", TransferEncoding::eight_bit},
             Case{"bas64", TransferEncoding::unknown},
             Case{"x-yenc", TransferEncoding::unknown},
         })
        EXPECT_EQ(parse_transfer_encoding(each.value), each.meant) << each.value;
    EXPECT_EQ(choose_encoding("plain\r\n"), TransferEncoding::seven_bit);
    EXPECT_EQ(choose_encoding("bare\n"), TransferEncoding::quoted_printable);
    EXPECT_EQ(choose_encoding("mostly plain text, caf\xc3\xa9\r\n"), TransferEncoding::quoted_printable);
    EXPECT_EQ(choose_encoding("日本語\r\n"), TransferEncoding::base64);
    EXPECT_EQ(choose_encoding(std::string(999, 'x')), TransferEncoding::quoted_printable);
}

} // namespace
} // namespace tegami::message
