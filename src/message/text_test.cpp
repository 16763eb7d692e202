#include "message/text.h"

#include "message/charset.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

bool found(std::string_view text, std::string_view needle) {
    bool first = contains_folded(text, needle);
    testing::for_every_split(text, [&](const std::vector<std::string_view>& pieces) {
        TextSearch search({std::string(needle)});
        for (const std::string_view piece : pieces)
            search.feed(piece);
        search.end_text();
        EXPECT_EQ(search.found(0), first);
        EXPECT_EQ(search.all_found(), first);
    });
    return first;
}

TEST(Folding, MakesSpellingsEqual) {
    EXPECT_EQ(fold_for_search("Hello"), "hello");
    EXPECT_EQ(fold_for_search("ÀÉ"), "àé");
    EXPECT_EQ(fold_for_search("e\u0301"), fold_for_search("É"));
    EXPECT_EQ(fold_for_search("ＡＢＣ１２"), "abc12");
    EXPECT_EQ(fold_for_search("ｶﾞ"), "ガ");
    EXPECT_EQ(fold_for_search("Straße"), "strasse");
    EXPECT_EQ(fold_for_search("①㈱"), "1(株)");
    EXPECT_EQ(fold_for_search("a \r\n\t b　c"), "a b c");
    EXPECT_EQ(fold_for_search(""), "");
    EXPECT_TRUE(is_utf8(fold_for_search("\xff\xe3")));
}

/// A text with its letters many times over, so that it is folded in several batches, and one that can be cut nowhere.
TEST(Folding, IsTheSameInAnyPieces) {
    std::string_view mixed = "E\u0301 ﾊﾟ  \t Ａ가\u00a0x";
    testing::for_every_split(mixed, [&](const std::vector<std::string_view>& pieces) {
        TextFolder folder;
        std::string folded;
        for (const std::string_view piece : pieces)
            folder.feed(piece, folded);
        folder.finish(folded);
        EXPECT_EQ(folded, fold_for_search(mixed));
    });
    std::string marks = "a";
    for (int mark = 0; mark < 20'000; ++mark)
        marks += mark % 2 == 0 ? "\u0301" : "\u0323";
    std::string repeated;
    for (int count = 0; count < 5000; ++count)
        repeated += mixed;
    for (const std::string& text : {repeated, marks}) {
        std::string whole;
        TextFolder folder;
        folder.feed(text, whole);
        folder.finish(whole);
        if (text == repeated) EXPECT_EQ(whole, fold_for_search(text));
        for (const std::size_t size : {std::size_t{1}, std::size_t{777}, std::size_t{16'384}}) {
            std::string folded;
            for (std::size_t at = 0; at < text.size(); at += size)
                folder.feed(std::string_view(text).substr(at, size), folded);
            folder.finish(folded);
            EXPECT_EQ(folded, whole) << size;
        }
    }
}

TEST(TextSearch, FindsWhatReadersTakeForEqual) {
    EXPECT_TRUE(found("Das ist die Straße nach Köln", "STRASSE"));
    EXPECT_TRUE(found("ＡＢＣ", "abc"));
    EXPECT_TRUE(found("これは日本語です", "日本"));
    EXPECT_TRUE(found("ｶﾞｷﾞ", "ガギ"));
    EXPECT_TRUE(found("split over\r\n  two lines", "over two"));
    EXPECT_TRUE(found("cafe\u0301", "É"));
    EXPECT_FALSE(found("cafe\u0301", "cafe"));
    EXPECT_FALSE(found("hello", "world"));
    EXPECT_TRUE(found("anything", ""));
    EXPECT_TRUE(found("", ""));
    EXPECT_FALSE(found("", "a"));
}

TEST(TextSearch, FindsAcrossBatches) {
    for (const std::size_t before : {16'370U, 16'380U, 16'384U, 32'760U, 40'000U}) {
        for (const std::string_view filler : {"x"sv, " "sv, "日"sv, "\u0301"sv}) {
            std::string text;
            while (text.size() < before)
                text += filler;
            text += "x Needle in the hay";
            TextSearch search({"needle IN", "missing", "hay"});
            for (std::size_t at = 0; at < text.size(); at += 1'000)
                search.feed(std::string_view(text).substr(at, 1'000));
            search.end_text();
            EXPECT_TRUE(search.found(0)) << before << filler;
            EXPECT_FALSE(search.found(1));
            EXPECT_TRUE(search.found(2));
            EXPECT_FALSE(search.all_found());
        }
    }
}

TEST(TextSearch, KeepsTextsApart) {
    TextSearch search({"ab"});
    search.feed("a");
    search.end_text();
    search.feed("b");
    search.end_text();
    EXPECT_FALSE(search.found(0));
    search.feed("ab");
    search.end_text();
    EXPECT_TRUE(search.all_found());
}

TEST(TextSearch, TakesLinearTime) {
    const std::string text(4 * 1024 * 1024, 'a');
    TextSearch search({std::string(20'000, 'a') + "b", "b" + std::string(20'000, 'a')});
    search.feed(text);
    search.end_text();
    EXPECT_FALSE(search.found(0));
    EXPECT_FALSE(search.found(1));
}

TEST(Normalization, ComposesNames) {
    EXPECT_EQ(to_nfc("U\u0308ber"), "Über");
    EXPECT_EQ(to_nfc("か\u3099"), "が");
    EXPECT_EQ(to_nfc("\u1112\u1161\u11ab"), "한");
    EXPECT_EQ(to_nfc("plain"), "plain");
    EXPECT_EQ(to_nfc("ＡＢＣ"), "ＡＢＣ");
}

TEST(Html, IsTheSameInAnyPieces) {
    for (
        const std::string_view html :
        {"見<b>学</b>会<br>の&nbsp;&uuml;&#x3042;<!-- <p> -- > --><style>a</b></style>x<a t=\"1>2\">y</a>&amp;amp;</p>z<"sv,
         "a &unknown; &toolongtobeone; & <3 <!DOCTYPE a><?b?></><script>if (a</b) x</script>c"sv}) {
        const std::string whole = strip_html(html);
        testing::for_every_split(html, [&](const std::vector<std::string_view>& pieces) {
            HtmlText stripper;
            std::string out;
            for (const std::string_view piece : pieces)
                stripper.feed(piece, out);
            stripper.finish(out);
            ASSERT_EQ(out, whole);
        });
    }
    EXPECT_EQ(strip_html("M&uuml;n<wbr>chen gr&uuml;&szlig;t, it&#146;s 5&nbsp;&euro;"),
              "München grüßt, it’s 5\u00a0€");
    EXPECT_EQ(strip_html("<td>1</td><td>2</td>"), "\n\n1\n\n\n\n2\n\n");
}

TEST(LineJoiner, JoinsWhatWasWrappedBetweenWideCharacters) {
    struct Case {
        std::string_view text, joined;
    };

    for (const Case& each : {
             Case{"見\r\n学会", "見学会"},
             Case{"見 \r\n学", "見学"},
             Case{"> 見\n> 学\n>> 会", "> 見学会"},
             Case{"です。\r\n次", "です。次"},
             Case{"カタ\nカナ", "カタカナ"},
             Case{"見\r\n\r\n学", "見\r\n\r\n学"},
             Case{"見 学", "見 学"},
             Case{"見\nview", "見\nview"},
             Case{"view\n見", "view\n見"},
             Case{"two\r\nlines", "two\r\nlines"},
             Case{"한국\n한국", "한국\n한국"},
             Case{"見\n", "見\n"},
             Case{"見\n　学", "見\n　学"},
         }) {
        std::string out;
        LineJoiner joiner;
        joiner.feed(each.text, out);
        joiner.finish(out);
        EXPECT_EQ(out, each.joined) << each.text;
    }
    LineJoiner joiner;
    std::string out;
    for (const std::string_view piece : {"見", "\r", "\n", "学"})
        joiner.feed(piece, out);
    joiner.finish(out);
    EXPECT_EQ(out, "見学");
    joiner.feed("見" + std::string(10'000, ' '), out);
    EXPECT_GT(out.size(), 9'000U);
}

TEST(Html, IsStripped) {
    EXPECT_EQ(strip_html("a<b>b</b>c<br/>d"), "abc\n\nd");
    EXPECT_EQ(strip_html("1 < 2 &lt; 3 & 4 &unknown; &#65;&#x3042;&#0;"), "1 < 2 < 3 & 4 &unknown; Aあ\xef\xbf\xbd");
    EXPECT_EQ(strip_html("<a title=\"x>y\" href='z'>link</a>"), "link");
    EXPECT_EQ(strip_html("a<!-- <b> -->b<!DOCTYPE x>c<?php x ?>d"), "abcd");
    EXPECT_EQ(strip_html("<style>p { a<b }</style>x<SCRIPT>if (a<b) </b></SCRIPT>y"), "xy");
    EXPECT_EQ(strip_html("<head><title>t</title>never closed<body>text"), "text");
    EXPECT_EQ(strip_html("open <b"), "open ");
    EXPECT_EQ(strip_html("open <!-- comment"), "open ");
    EXPECT_EQ(strip_html("<"), "<");
    for (const std::string_view piece :
         {"<"sv, "<a"sv, "<!--"sv, "&"sv, "<a \""sv, "<style>"sv, "&#"sv, "</"sv, "<p>"sv}) {
        std::string hostile;
        while (hostile.size() < 1024 * 1024)
            hostile += piece;
        EXPECT_LE(strip_html(hostile).size(), hostile.size());
    }
}

} // namespace
} // namespace tegami::message
