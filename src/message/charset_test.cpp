#include "message/charset.h"

#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

constexpr auto kReplaced = "\xef\xbf\xbd";

void expect_text(std::string_view charset, std::string_view octets, std::string_view expected) {
    testing::for_every_split(octets, [&](const std::vector<std::string_view>& pieces) {
        auto decoder = CharsetDecoder::open(charset);
        ASSERT_TRUE(decoder) << charset;
        // Twice: a decoder that is finished takes another text.
        for (int round = 0; round < 2; ++round) {
            std::string utf8;
            for (const std::string_view piece : pieces)
                decoder->feed(piece, utf8);
            decoder->finish(utf8);
            ASSERT_EQ(utf8, expected) << charset;
        }
    });
}

TEST(Charset, ReadsJapaneseMail) {
    const auto* text = "日本語のメール";
    expect_text("ISO-2022-JP", "\x1b$BF|K\\8l$N%a!<%k\x1b(B", text);
    expect_text("Shift_JIS", "\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x81\x81\x5b\x83\x8b", text);
    expect_text("EUC-JP", "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xa5\xe1\xa1\xbc\xa5\xeb", text);
    expect_text("utf-8", text, text);
    expect_text("UTF-7", "+ZeVnLA-", "日本");
}

TEST(Charset, KnowsTheCharactersJapanesePeopleReallyWrite) {
    expect_text("iso-2022-jp", "\x1b$B-!-j\x1b(B!", "①㈱!");
    expect_text("CP932", "\x87\x40\x87\x8a\xfb\xfc\x81\x60", "①㈱髙～");
    expect_text("x-sjis", "\xb1\xb2\xb3", "ｱｲｳ");
    expect_text("cp51932", "\xad\xa1\xad\xea\x8e\xb1\x8f\xb0\xa1", "①㈱ｱ丂");
    expect_text("iso-2022-jp", "\x1b(I123\x1b(B123\x1b(J1\\~", "ｱｲｳ1231\\~");
    expect_text("iso-2022-jp",
                "\xb1\xb2 \x0e"
                "12"
                "\x0f"
                "12",
                "ｱｲ ｱｲ12");
    expect_text("iso-2022-jp-1", "\x1b$(D0!\x1b(B", "丂");
    expect_text("iso-2022-jp-2", "\x1b$A\x56\x50\x39\x7a\x1b$(C\x47\x51\x31\x39\x1b(B\x1b.A\x1bNi\x1b.F\x1bNY",
                "中国한국éΩ");
    expect_text("_iso-2022-jp$ESC", "\x1b&@\x1b$BF|\x1b(B", "日");
}

TEST(Charset, MarksWhatHasNoMeaning) {
    expect_text("iso-2022-jp", "\x1b$BF\x1b(Ba", std::string(kReplaced) + "a");
    expect_text("iso-2022-jp", "\x1b$BF|\nK\\", "日\n本");
    expect_text("iso-2022-jp", "\x1b$B8", kReplaced);
    expect_text("iso-2022-jp", "\x1b", kReplaced);
    expect_text("iso-2022-jp", "\x1b$Za", std::string(kReplaced) + "$Za");
    expect_text("iso-2022-jp", "a\xff", "a" + std::string(kReplaced));
    expect_text("utf-8", "a\xff\xc3", "a" + std::string(kReplaced) + kReplaced);
    expect_text("utf-8", "\xe3\x81x", std::string(kReplaced) + "x");
    expect_text("utf-8", "\xed\xa0\x80", std::string(kReplaced) + kReplaced + kReplaced);
    expect_text("utf-8", "\xf0\x9f\x98\x80\xf4\x90\x80\x80",
                "😀" + std::string(kReplaced) + kReplaced + kReplaced + kReplaced);
    expect_text("shift_jis", "\x82\n", std::string(kReplaced) + "\n");
    expect_text("gb18030", "\xff", kReplaced);
    expect_text("utf-16be", "\xd8\x3d\xde\x00\xd8\x3d"sv, "😀" + std::string(kReplaced));
}

TEST(Charset, ReadsTheRestOfTheWorld) {
    expect_text("gb2312", "\xd6\xd0\xce\xc4", "中文");
    expect_text("GBK", "\xd6\xd0\xce\xc4", "中文");
    expect_text("big5", "\xa4\xa4\xa4\xe5", "中文");
    expect_text("ks_c_5601-1987", "\xc7\xd1\xb1\xb9", "한국");
    expect_text("KOI8-R", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет");
    expect_text("windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет");
    expect_text("iso-8859-1", "caf\xe9 \x80", "café €");
    expect_text("ISO-8859-15", "\xa4", "€");
    expect_text("iso-8859-7", "\xd9", "Ω");
    expect_text("UTF-16", "\xff\xfe\xe5\x65"sv, "日");
    expect_text("unicode-1-1-utf-7", "A+ImIDkQ.", "A≢Α.");
}

TEST(Charset, LeavesAsciiAlone) {
    // ICU's CP932 turns three rare control characters around, as IBM's hosts did: not worth a table of our own.
    std::string ascii = "\t\r\n";
    for (char c = ' '; c < 0x7f; ++c)
        ascii += c;
    for (const auto* charset :
         {"us-ascii", "utf-8", "iso-8859-1", "cp932", "euc-jp", "iso-2022-jp", "gb18030", "big5", "euc-kr"})
        EXPECT_EQ(to_utf8(ascii, charset), ascii) << charset;
}

TEST(Charset, KnowsNamesInTheWild) {
    for (const auto* name :
         {"UTF8",         " utf-8 ",   "\"utf-8\"",   "Windows-1252",   "cp1252",      "latin1",     "iso8859-1",
          "ISO-8859-8-I", "shift-jis", "MS932",       "eucJP-ms",       "ISO-2022-KR", "hz-gb-2312", "macintosh",
          "koi8-u",       "tis-620",   "windows-874", "ANSI_X3.4-1968", "x-gbk",       "euc-kr",     "ISO-8859-13"})
        EXPECT_TRUE(is_known_charset(name)) << name;
    for (const auto* name :
         {"", "unknown-8bit", "x-user-defined", "../../etc/passwd", "utf-8,version=1", "foo bar", "%s"})
        EXPECT_FALSE(is_known_charset(name)) << name;
    EXPECT_FALSE(is_known_charset(std::string(1'000, 'a')));
    EXPECT_EQ(to_utf8("a", "no-such"), std::nullopt);
}

TEST(Charset, GuessesWhatNobodyLabelled) {
    EXPECT_EQ(to_utf8_guessing("日本"), "日本");
    EXPECT_EQ(to_utf8_guessing("caf\xe9"), "café");
    EXPECT_EQ(to_utf8_guessing("\x1b$BF|\x1b(B"), "日");
    EXPECT_EQ(to_utf8_guessing("日本", "us-ascii"), "日本");
    EXPECT_EQ(to_utf8_guessing("\xc6\xfc", "x-unknown"), "日");
    EXPECT_EQ(to_utf8_guessing("\xc6\xfc", "euc-jp"), "日");
}

constexpr auto kVisitSjis = "\x8c\xa9\x8a\x77\x89\xef\x82\xcc\x82\xa8\x92\x6d\x82\xe7\x82\xb9\r\n";
constexpr auto kVisitEuc = "\xb8\xab\xb3\xd8\xb2\xf1\xa4\xce\xa4\xaa\xc3\xce\xa4\xe9\xa4\xbb\r\n";
constexpr auto kVisitJis = "\x1b$B8+3X2q$N$*CN$i$;\x1b(B\r\n";
constexpr auto kVisit = "見学会のお知らせ\r\n";

TEST(Charset, BelievesNoLabelThatTheOctetsRefute) {
    struct Case {
        std::string_view octets, label, text;
    };

    for (const Case& each : {
             Case{kVisitSjis, "utf-8", kVisit},
             Case{kVisitSjis, "iso-2022-jp", kVisit},
             Case{kVisitSjis, "euc-jp", kVisit},
             Case{kVisitSjis, "us-ascii", kVisit},
             Case{kVisitSjis, "", kVisit},
             Case{kVisitEuc, "utf-8", kVisit},
             Case{kVisitEuc, "iso-2022-jp", kVisit},
             Case{kVisitEuc, "", kVisit},
             Case{kVisitJis, "utf-8", kVisit},
             Case{kVisitJis, "iso-8859-1", kVisit},
             Case{kVisitJis, "shift_jis", kVisit},
             Case{kVisit, "iso-2022-jp", kVisit},
             Case{kVisit, "euc-jp", kVisit},
             Case{kVisit, "gb2312", kVisit},
             Case{"\x8f\x6a", "utf-8", "祝"},
             Case{"Gr\xfc\xdf"
                  "e aus M\xfcnchen",
                  "utf-8", "Grüße aus München"},
             Case{"K\xe4se, sp\xe4t", "utf-8", "Käse, spät"},
             Case{"it\x92s \x93here\x94, she said", "", "it’s “here”, she said"},
         })
        EXPECT_EQ(to_utf8_guessing(each.octets, each.label), each.text) << each.label << ' ' << each.text;
}

TEST(Charset, BelievesALabelInSpiteOfALittleDamage) {
    EXPECT_EQ(to_utf8_guessing("見学会のお知ら\xe3\x81", "utf-8"), "見学会のお知ら" + std::string(kReplaced));
    EXPECT_EQ(to_utf8_guessing("\xb8\xab\xb3\xd8\xb2\xf1\xa4", "euc-jp"), "見学会" + std::string(kReplaced));
    EXPECT_EQ(to_utf8_guessing("\xd6\xd0\xce\xc4\xd6\xd0\xce\xc4\xff", "gb2312"), "中文中文" + std::string(kReplaced));
    EXPECT_EQ(to_utf8_guessing("caf\xe9", "iso-8859-1"), "café");
    EXPECT_EQ(to_utf8_guessing("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"), "Привет");
    EXPECT_EQ(to_utf8_guessing("\x82\xa0\x82\xa2", "shift_jis"), "あい");
}

TEST(Charset, GuessesTextThatStreamsBy) {
    for (const std::string_view label : {"utf-8", "", "iso-2022-jp"}) {
        for (const std::string_view lines : {std::string_view(kVisitSjis), std::string_view(kVisit)}) {
            std::string octets;
            std::string expected;
            for (std::size_t line = 0; octets.size() < 200'000; ++line) {
                // The first lines say nothing about the charset.
                const bool plain = line < 5'000;
                octets += plain ? "plain words\r\n" : lines;
                expected += plain ? "plain words\r\n" : kVisit;
            }
            for (const std::size_t piece : {std::size_t{1000}, octets.size()}) {
                GuessingDecoder decoder(label);
                std::string utf8;
                for (std::size_t at = 0; at < octets.size(); at += piece)
                    decoder.feed(std::string_view(octets).substr(at, piece), utf8);
                decoder.finish(utf8);
                EXPECT_TRUE(utf8 == expected) << label << piece;
            }
        }
    }
    const std::string wide("\xff\xfe\xe5\x65\x0a\x4e", 6);
    GuessingDecoder utf16("utf-16");
    std::string utf8;
    utf16.feed(wide, utf8);
    utf16.finish(utf8);
    EXPECT_EQ(utf8, "日上");
}

TEST(Utf8, IsCutBetweenCharacters) {
    EXPECT_EQ(utf8_prefix("日本", 3), "日");
    EXPECT_EQ(utf8_prefix("日本", 5), "日");
    EXPECT_EQ(utf8_prefix("日本", 2), "");
    EXPECT_EQ(utf8_prefix("日本", 9), "日本");
    EXPECT_EQ(utf8_length("aé日😀"), 4U);
    EXPECT_TRUE(is_utf8("日本 and ascii, a longer text to pass eight octets"));
    EXPECT_FALSE(is_utf8("\xc0\x80"));
    EXPECT_FALSE(is_utf8("abcdefghijk\x80"));
    EXPECT_FALSE(is_utf8("\xe3\x81"));
}

} // namespace
} // namespace tegami::message
