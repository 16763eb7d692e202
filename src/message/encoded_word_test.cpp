#include "message/encoded_word.h"

#include "message/charset.h"
#include "message/content_type.h"

#include "base/random.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

// RFC 2047 §8
TEST(EncodedWord, ReadsTheExamplesOfTheStandard) {
    EXPECT_EQ(decode_encoded_words("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>"), "Keith Moore <moore@cs.utk.edu>");
    EXPECT_EQ(decode_encoded_words("=?ISO-8859-1?Q?Andr=E9?= Pirard"), "André Pirard");
    EXPECT_EQ(decode_encoded_words("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
                                   "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
              "If you can read this you understand the example.");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?=)"), "(a)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?= b)"), "(a b)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)"), "(ab)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a_b?=)"), "(a b)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)"), "(a b)");
    EXPECT_EQ(decode_encoded_words("=?US-ASCII*EN?Q?Keith_Moore?="), "Keith Moore");
}

TEST(EncodedWord, ReadsJapaneseSubjects) {
    const auto* text = "日本語のメール";
    EXPECT_EQ(decode_encoded_words("=?ISO-2022-JP?B?GyRCRnxLXDhsJE4lYSE8JWsbKEI=?="), text);
    EXPECT_EQ(decode_encoded_words("=?Shift_JIS?B?k/qWe4zqgsyDgYFbg4s=?="), text);
    EXPECT_EQ(decode_encoded_words("=?euc-jp?b?xvzL3LjspM6l4aG8pes=?="), text);
    EXPECT_EQ(decode_encoded_words("=?utf-8?B?5pel5pys6Kqe44Gu44Oh44O844Or?="), text);
    EXPECT_EQ(decode_encoded_words("Re: =?utf-8?Q?=E6=97=A5=E6=9C=AC?= [=?utf-8?B?5pel?=]"), "Re: 日本 [日]");
    EXPECT_EQ(decode_encoded_words("\x1b$BF|K\\\x1b(B"), "日本");
    EXPECT_EQ(decode_encoded_words("\xc6\xfc\xcb\xdc", "euc-jp"), "日本");
    EXPECT_EQ(decode_encoded_words("日本"), "日本");
}

TEST(EncodedWord, JoinsCharactersSplitBetweenWords) {
    // One character of three octets, cut after the first.
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?=E6?= =?UTF-8?Q?=97=A5?="), "日");
    EXPECT_EQ(decode_encoded_words("=?utf-8?B?5g==?=\r\n\t=?utf-8?B?l6U=?="), "日");
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?=E6?==?utf-8?Q?=97=A5?="), "日");
}

TEST(EncodedWord, ToleratesBrokenWords) {
    EXPECT_EQ(decode_encoded_words("=?utf-8?B?5pel5pys?"), "=?utf-8?B?5pel5pys?");
    EXPECT_EQ(decode_encoded_words("=?utf-8?B?5pel5pys"), "=?utf-8?B?5pel5pys");
    EXPECT_EQ(decode_encoded_words("=?utf-8?X?abc?="), "=?utf-8?X?abc?=");
    EXPECT_EQ(decode_encoded_words("=?\?Q?abc?="), "=?\?Q?abc?=");
    EXPECT_EQ(decode_encoded_words("=?x-unknown?Q?caf=E9?="), "café");
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?Hello World?="), "Hello World");
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?a=?= =?utf-8?Q?=4?="), "a==4");
    EXPECT_EQ(decode_encoded_words("a=?utf-8?Q?b?=c"), "abc");
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?\?="), "");
    EXPECT_EQ(decode_encoded_words("=?utf-8?Q?a=0D=0AX:_b=00?="), "a  X: b ");
    EXPECT_EQ(decode_encoded_words(""), "");
    EXPECT_TRUE(is_utf8(decode_encoded_words("=?utf-8?Q?=FF=FE?= \xff")));
}

TEST(EncodedWord, ReadsQuestionMarksAndEmptyWords) {
    struct Case {
        std::string_view value, text;
    };

    for (const Case& each : {
             Case{"=?utf-8?Q?Ready_to_go?\?=", "Ready to go?"},
             Case{"=?iso-8859-1?Q?Was? Gr=FC=DFe?\?= x", "Was? Grüße? x"},
             Case{"=?utf-8?Q?\?\?\?=", "?\?"},
             Case{"=?utf-8?Q?a?b =?utf-8?Q?c?=", "=?utf-8?Q?a?b c"},
             Case{"=?utf-8?Q?a?", "=?utf-8?Q?a?"},
             Case{"=?utf-8?B?YQ?b?=", "=?utf-8?B?YQ?b?="},
             Case{"=?utf-8?Q?\?= =?utf-8?Q?=C3=A9=20?=  =?utf-8?Q?b?=", "é b"},
             Case{"=?utf-8?B?\?= =?utf-8?B?w6k=?=", "é"},
             // Each word padded for itself, and one character in two words.
             Case{"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n =?ISO-2022-JP?B?GyRCOGwbKEI=?=", "日本語"},
             Case{"=?gb2312?B?1tDO?=\r\n\t =?gb2312?B?xA==?=", "中文"},
         })
        EXPECT_EQ(decode_encoded_words(each.value), each.text) << each.value;
}

TEST(EncodedWord, TakesLinearTime) {
    for (const std::string_view piece :
         {"=?a?q?x? "sv, "=?a?q?=?="sv, "=?"sv, "=?a?q?"sv, "=?a?"sv, "=?a?q?b?= "sv, "?="sv, "="sv, "=?utf-8?B?"sv}) {
        std::string value;
        while (value.size() < 256 * 1024)
            value += piece;
        EXPECT_TRUE(is_utf8(decode_encoded_words(value)));
    }
}

TEST(EncodedWord, IsReadBackAsItWasWritten) {
    SeededRandom random(17);
    const std::string_view pieces[] = {"a",  "word", " ", "  ", "é", "日本", "😀", "=?",
                                       "?=", "_",    "=", "?",  ".", "\"",   ","};
    for (int round = 0; round < 5'000; ++round) {
        std::string text;
        for (auto left = random.below(round % 10 == 0 ? 200 : 12); left > 0; --left)
            text += pieces[random.below(std::size(pieces))];
        const std::string words = encode_words(text);
        ASSERT_EQ(decode_encoded_words(words), text) << words;
        for (const char c : words)
            ASSERT_TRUE(c >= ' ' && c < 0x7f);
        if (!words.contains("=?UTF-8?")) continue;
        std::size_t start = 0;
        while (start < words.size()) {
            const std::size_t end = std::min(words.find(' ', start), words.size());
            const std::string_view word = std::string_view(words).substr(start, end - start);
            ASSERT_LE(word.size(), kEncodedWordBytesMax);
            ASSERT_FALSE(decode_encoded_words(word).contains(kReplacement)) << word;
            start = end + 1;
        }
    }
}

TEST(EncodedWord, IsUsedOnlyWhereItIsNeeded) {
    EXPECT_EQ(encode_words("Plain subject: 1, 2"), "Plain subject: 1, 2");
    EXPECT_EQ(encode_words("日本"), "=?UTF-8?B?5pel5pys?=");
    EXPECT_EQ(encode_words("caf\xc3\xa9 au lait"), "=?UTF-8?Q?caf=C3=A9_au_lait?=");
    EXPECT_EQ(encode_phrase("John Doe"), "John Doe");
    EXPECT_EQ(encode_phrase("Doe, \"J.\""), "\"Doe, \\\"J.\\\"\"");
    EXPECT_EQ(encode_phrase("日本"), "=?UTF-8?B?5pel5pys?=");
    EXPECT_EQ(encode_words("a\r\nX: b"), encode_words("a  X: b"));
}

std::string parameter(std::string_view value, std::string_view name) {
    const auto parsed = parse_content_type(value);
    return parsed ? parsed->parameter(name) : "unreadable";
}

// RFC 2231 §3, §4
TEST(Parameter, ReadsTheExamplesOfTheStandard) {
    EXPECT_EQ(
        parameter("message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub/moore/x.tar\"",
                  "url"),
        "ftp://cs.utk.edu/pub/moore/x.tar");
    EXPECT_EQ(parameter("application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title"),
              "This is ***fun***");
    EXPECT_EQ(parameter("application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n"
                        " title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
                        "title"),
              "This is even more ***fun*** isn't it!");
}

TEST(Parameter, ReadsFileNamesInTheWild) {
    EXPECT_EQ(parameter("a/b; name*=iso-2022-jp''%1B%24BF%7CK%5C%1B%28B.txt", "name"), "日本.txt");
    EXPECT_EQ(parameter("a/b; name=\"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=.txt\"", "name"), "日本.txt");
    EXPECT_EQ(parameter("a/b; name=日本.txt", "name"), "日本.txt");
    EXPECT_EQ(parameter("a/b; name=\"caf\xe9\"", "name"), "café");
    EXPECT_EQ(parameter("a/b; name*1=b; name*0=a; name*3=d", "name"), "ab");
    EXPECT_EQ(parameter("a/b; name=plain; name*=utf-8''ext", "name"), "ext");
    EXPECT_EQ(parameter("a/b; name*=no-quotes%20here", "name"), "no-quotes here");
    EXPECT_EQ(parameter("a/b; name*0*=utf-8''%E6; name*1*=%97%A5", "name"), "日");
    EXPECT_EQ(parameter("a/b; name*99999999999=x; name*x=y", "name"), "");
    EXPECT_EQ(parameter("a/b; name=my file (1).txt; x=y", "name"), "my file .txt");
    EXPECT_EQ(parameter("a/b; name=my file.txt", "name"), "my file.txt");
    EXPECT_EQ(parameter("a/b charset=utf-8 name=x", "charset"), "utf-8");
    EXPECT_EQ(parameter("a/b; name=\"C:\\temp\\x.txt\"", "name"), "C:\\temp\\x.txt");
    EXPECT_EQ(parameter("a/b; name=\"say \\\"hi\\\"\"", "name"), "say \"hi\"");
    EXPECT_EQ(parameter("a/b; name=\"no end", "name"), "no end");
    EXPECT_EQ(parameter("a/b; ; =x; name = y ; z", "name"), "y");
    EXPECT_EQ(parameter("text/plain; charset=us-ascii (Plain text)", "charset"), "us-ascii");
}

TEST(Parameter, ReadsWhatProgramsMakeOfTheStandards) {
    struct Case {
        std::string_view parameters, name;
    };

    for (const Case& each : {
             // Encoded words, cut by the continuations, and characters cut by the words.
             Case{"name*0=\"=?UTF-8?Q?a=F0=9F?=\r\n =?UTF-8?Q?=98=8\"; name*1=\"1b?=\"; name*2=.docx", "a😁b.docx"},
             Case{"name*=\"utf-8''%C5%A0kod.jpg\"", "Škod.jpg"},
             Case{"name*1*=_2021.pdf; name*0*=\"utf-8''AAA\"", "AAA_2021.pdf"},
             Case{"name*0*=\"''attached%2E\"; name*1*=\"%62\"; name*2=at", "attached.bat"},
             Case{"name*0*=ISO-8859-1''%E9; name*1*=%E8.txt", "éè.txt"},
             Case{"name*0=\"A 'Trick' for you\"; name*1=.eml", "A 'Trick' for you.eml"},
             Case{"name=\"=?utf-8?Q?a?=\"; name*0*=utf-8''b; name*1*=.pdf", "b.pdf"},
             // Without the quotes.
             Case{"name==?utf-8?B?dGVzdC50eHQ=?=", "test.txt"},
             Case{"name==?utf-8?Q?long?=\r\n =?utf-8?Q?er=2Epdf?=; size=1", "longer.pdf"},
             Case{"name=GALAXY data  \r\n 17.zip", "GALAXY data 17.zip"},
             // Two: the first counts, for us as for those who search for harm.
             Case{"name=\"report.txt\"; name=\"payload.exe\"", "report.txt"},
         })
        EXPECT_EQ(parameter("a/b; " + std::string(each.parameters), "name"), each.name) << each.parameters;
    EXPECT_EQ(parameter("a/b; name==?utf-8?Q?x?=\r\n =?utf-8?Q?y=2Epdf?=; size=1", "size"), "1");
}

TEST(Parameter, IsReadBackAsItWasWritten) {
    SeededRandom random(19);
    const std::string_view pieces[] = {"a", "word", " ", "é", "日本", "😀", "=?", "'", "%", "*", "\"", "\\", ";", "."};
    for (int round = 0; round < 10'000; ++round) {
        std::string text;
        for (auto left = random.below(round % 10 == 0 ? 200 : 12); left > 0; --left)
            text += pieces[random.below(std::size(pieces))];
        std::string value = "a/b";
        for (const std::string& piece : encode_parameter("filename", text)) {
            ASSERT_LE(piece.size(), 160U);
            value += "; " + piece;
        }
        ASSERT_EQ(parameter(value, "filename"), text) << value;
    }
    EXPECT_EQ(encode_parameter("name", "plain.txt"), std::vector<std::string>{"name=plain.txt"});
    EXPECT_EQ(encode_parameter("name", "a b"), std::vector<std::string>{"name=\"a b\""});
    EXPECT_EQ(encode_parameter("name", "日"), std::vector<std::string>{"name*=UTF-8''%E6%97%A5"});
}

TEST(ContentType, ReadsWhatMailHas) {
    const auto type = parse_content_type(" Multipart/MIXED (really) ;\r\n\tBOUNDARY=\"a b\"; x=(c)y");
    ASSERT_TRUE(type);
    EXPECT_TRUE(type->is("multipart", "mixed"));
    EXPECT_EQ(type->parameters, (std::vector<Parameter>{{"boundary", "a b"}, {"x", "y"}}));
    EXPECT_TRUE(parse_content_type("text / html")->is("text", "html"));
    for (const auto* bad : {"", "text", "text/", "/plain", "(comment) /x", ";"})
        EXPECT_FALSE(parse_content_type(bad)) << bad;
    EXPECT_FALSE(parse_content_type("a/" + std::string(kTypeNameMax + 1, 'b')));
    EXPECT_EQ(parse_disposition("ATTACHMENT; filename=x")->type, "attachment");
    EXPECT_FALSE(parse_disposition("; filename=x"));
    EXPECT_EQ(parse_languages("en, ja-JP (Japanese), , \"x"), (std::vector<std::string>{"en", "ja-JP", "x"}));
    for (const std::string_view piece : {"("sv, "\""sv, ";"sv, "a="sv, "a=\""sv, "a b "sv, ";a=b c"sv, "\\"sv}) {
        std::string hostile = "a/b;";
        while (hostile.size() < 512 * 1024)
            hostile += piece;
        EXPECT_LE(parse_content_type(hostile)->parameters.size(), kParametersMax);
    }
}

} // namespace
} // namespace tegami::message
