// RFC 8621 §4.1: header fields in their forms, what is body and what is attached, parts and their text.
#include "protocol/jmap/mail/body_lists.h"
#include "protocol/jmap/mail/body_part.h"
#include "protocol/jmap/mail/body_value.h"
#include "protocol/jmap/mail/snippet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::jmap {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

json::value read(std::string_view text) {
    return read_json(text, 100).value();
}

/// What a property is of a header, as JSON.
json::value shown(std::string_view header, std::string_view name) {
    const message::Header fields(header);
    return header_value(fields, *parse_header_property(name));
}

TEST(HeaderForm, WhatAFieldIsInEach) {
    struct Case {
        std::string_view header;
        std::string_view property;
        std::string_view value;
    };

    constexpr std::string_view kList =
        "To: \"  James Smythe\" <james@example.com>, Friends:\r\n"
        "  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n  <john@example.com>;\r\n\r\n";
    const Case cases[] = {
        // RFC 8621 §4.1.2.3, §4.1.2.4
        {kList, "header:To:asAddresses",
         R"([{"name":"James Smythe","email":"james@example.com"},{"name":null,"email":"jane@example.com"},)"
         R"({"name":"John Smîth","email":"john@example.com"}])"},
        {kList, "header:to:asGroupedAddresses",
         R"([{"name":null,"addresses":[{"name":"James Smythe","email":"james@example.com"}]},{"name":"Friends","addresses":)"
         R"([{"name":null,"email":"jane@example.com"},{"name":"John Smîth","email":"john@example.com"}]}])"},
        {"Cc: a@x, G: b@x;, c@x\r\n\r\n", "header:Cc:asGroupedAddresses",
         R"([{"name":null,"addresses":[{"name":null,"email":"a@x"}]},{"name":"G","addresses":[{"name":null,"email":"b@x"}]},)"
         R"({"name":null,"addresses":[{"name":null,"email":"c@x"}]}])"},
        {"Subject: a\r\nSubject:  =?utf-8?B?5a2m?=\r\n b \r\n\r\n", "header:subject:asText", R"("学 b ")"},
        {"Subject: a\r\nSubject:  b\r\n\r\n", "header:Subject", R"("  b")"},
        {"Subject: a\r\nSubject:  b\r\n c\r\n\r\n", "header:Subject:all", "[\" a\",\"  b\\r\\n c\"]"},
        {"Subject: a\r\nSubject: b\r\n\r\n", "header:Subject:asText:all", R"(["a","b"])"},
        {"Subject: =?utf-8?Q?a=00b=1B?=\r\n\r\n", "header:Subject:asText", R"("a b")"},
        {std::string_view("X: a\0b\xff\r\n\r\n", 11), "header:X", "\" ab\xef\xbf\xbd\""},
        {"A: b\r\n\r\n", "header:X", "null"},
        {"A: b\r\n\r\n", "header:X:all", "[]"},
        {"A: b\r\n\r\n", "header:X:asAddresses", "null"},
        {"References: <a@b> (c)\r\n <d@e>\r\n\r\n", "header:References:asMessageIds", R"(["a@b","d@e"])"},
        {"References: \r\n\r\n", "header:References:asMessageIds", "null"},
        {"Date: Thu, 30 Oct 2014 14:12:00 +0800\r\n\r\n", "header:Date:asDate", R"("2014-10-30T14:12:00+08:00")"},
        {"Date: Thu, 30 Oct 2014 14:12:00 -0030\r\n\r\n", "header:Date:asDate", R"("2014-10-30T14:12:00-00:30")"},
        {"Date: Thu, 30 Oct 2014 06:12:00 GMT\r\n\r\n", "header:Date:asDate", R"("2014-10-30T06:12:00Z")"},
        {"Date: once\r\n\r\n", "header:Date:asDate", "null"},
        {"List-Unsubscribe: (Go (away)) <mailto:a@b?subject=u\r\n x>, <https://b/u>\r\n\r\n",
         "header:List-Unsubscribe:asURLs", R"(["mailto:a@b?subject=ux","https://b/u"])"},
        {"List-Post: NO\r\n\r\n", "header:List-Post:asURLs", "null"},
        {"List-Post: <no end\r\n\r\n", "header:List-Post:asURLs", "null"},
        {"X-Own: 1@x\r\n\r\n", "header:X-Own:asAddresses", R"([{"name":null,"email":"1@x"}])"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(shown(each.header, each.property), read(each.value)) << each.header << each.property;
}

TEST(HeaderForm, WhatCannotBeAskedFor) {
    for (const std::string_view name :
         {"header:", "header::asText", "header:Subject:asDate", "header:From:asText", "header:Received:asText",
          "header:Date:asAddresses", "header:List-Post:asText", "header:Subject:astext", "header:Sub ject",
          "header:Subject:all:asText", "header:Subject:asText:all:all", "Subject"}) {
        const auto property = parse_header_property(name);
        ASSERT_FALSE(property) << name;
        EXPECT_EQ(property.error().type, "invalidArguments");
    }
    EXPECT_EQ(find_header_property("sentAt")->field, "Date");
    EXPECT_EQ(find_header_property("size"), std::nullopt);
}

TEST(HeaderForm, AllFieldsInOrder) {
    const message::Header header("From a@b\r\nA:  1\r\nb:2\r\n 3\r\n\r\n");
    EXPECT_EQ(header_fields(header),
              read("[{\"name\":\"A\",\"value\":\"  1\"},{\"name\":\"b\",\"value\":\"2\\r\\n 3\"}]"));
}

/// A message out of a tree: `mixed(text/plain attached:image/png)`, each leaf a part with its place as its name.
std::string message_of(std::string_view& tree, int& boundary) {
    const std::size_t end = tree.find_first_of("( )");
    std::string_view type = tree.substr(0, end);
    tree.remove_prefix(std::min(end, tree.size()));
    if (!tree.starts_with('(')) {
        std::string disposition;
        if (const std::size_t colon = type.find(':'); colon != std::string_view::npos) {
            disposition = "Content-Disposition: " + std::string(type.substr(0, colon)) + "\r\n";
            type.remove_prefix(colon + 1);
        }
        const std::string name = type.ends_with('!') ? "; name=f" : "";
        if (type.ends_with('!')) type.remove_suffix(1);
        return disposition + "Content-Type: " + std::string(type) + name + "\r\n\r\nbody";
    }
    const std::string mark = "b" + std::to_string(++boundary);
    std::string text = "Content-Type: multipart/" + std::string(type) + "; boundary=" + mark + "\r\n\r\n";
    while (!tree.starts_with(')')) {
        tree.remove_prefix(1);
        text += "--" + mark + "\r\n" + message_of(tree, boundary) + "\r\n";
    }
    tree.remove_prefix(1);
    return text + "--" + mark + "--\r\n";
}

std::string ids_of(const message::Part& root, const std::vector<const message::Part*>& parts) {
    std::string ids;
    for (const message::Part* part : parts) {
        const auto id = part_id(root, *part);
        EXPECT_EQ(find_part_of_id(root, id.value_or("")), part);
        ids += (ids.empty() ? "" : " ") + id.value_or("?");
    }
    return ids;
}

TEST(BodyLists, WhatIsReadAndWhatIsKept) {
    struct Case {
        std::string_view tree;
        std::string_view text, html, attachments;
        bool has_attachment;
    };

    const Case cases[] = {
        {"text/plain", "1", "1", "", false},
        {"text/html", "1", "1", "", false},
        {"image/png", "1", "1", "", false},
        {"application/pdf", "", "", "1", true},
        {"attachment:text/plain", "", "", "1", true},
        {"alternative(text/plain text/html)", "1", "2", "", false},
        {"alternative(text/plain)", "1", "1", "", false},
        {"alternative(text/html text/calendar)", "1", "1", "2", true},
        {"mixed(text/plain application/pdf)", "1", "1", "2", true},
        {"mixed(text/plain text/plain)", "1 2", "1 2", "", false},
        {"mixed(text/plain text/plain!)", "1", "1", "2", true},
        {"mixed(text/plain image/png)", "1 2", "1 2", "", false},
        {"mixed(text/plain inline:application/pdf)", "1", "1", "2", false},
        {"related(text/html inline:image/png)", "1", "1", "2", false},
        {"alternative(text/plain related(text/html image/png))", "1", "2.1", "2.2", true},
        {"mixed(alternative(text/plain text/html) attachment:image/png)", "1.1", "1.2", "2", true},
        {"mixed(message/rfc822)", "", "", "1", true},
        // RFC 8621 §4.1.4: its example.
        {"mixed(inline:text/plain mixed(alternative(mixed(inline:text/plain inline:image/jpeg inline:text/plain) "
         "related(text/html image/jpeg)) attachment:image/jpeg application/x-excel message/rfc822) inline:text/plain)",
         "1 2.1.1.1 2.1.1.2 2.1.1.3 3", "1 2.1.2.1 3", "2.1.1.2 2.1.2.2 2.2 2.3 2.4", true},
    };
    for (const Case& each : cases) {
        std::string_view tree = each.tree;
        int boundary = 0;
        const message::Structure structure = message::parse_structure(message_of(tree, boundary));
        const BodyLists lists = list_body(structure.root);
        EXPECT_EQ(ids_of(structure.root, lists.text), each.text) << each.tree;
        EXPECT_EQ(ids_of(structure.root, lists.html), each.html) << each.tree;
        EXPECT_EQ(ids_of(structure.root, lists.attachments), each.attachments) << each.tree;
        EXPECT_EQ(has_attachment(lists), each.has_attachment) << each.tree;
    }
}

TEST(BodyLists, IdsThatNameNothing) {
    const message::Structure simple = message::parse_structure("A: b\r\n\r\nc");
    for (const std::string_view id : {"", "0", "2", "1.1", "x"})
        EXPECT_EQ(find_part_of_id(simple.root, id), nullptr) << id;
    std::string_view tree = "mixed(text/plain mixed(text/html))";
    int boundary = 0;
    const message::Structure nested = message::parse_structure(message_of(tree, boundary));
    for (const std::string_view id : {"", "2", "3", "2.2", "1.1", "2.1.1", "2.", "99999999999"})
        EXPECT_EQ(find_part_of_id(nested.root, id), nullptr) << id;
    EXPECT_EQ(part_id(nested.root, nested.root), std::nullopt);
}

TEST(BodyPart, SaysWhatIsAsked) {
    constexpr std::string_view kMessage =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=Shift_JIS\r\n"
        "Content-Disposition: INLINE; filename*=utf-8''%E5%AD%A6\r\nContent-ID: <c@d>\r\nContent-Language: de, ja\r\n"
        "Content-Location: http://x/\r\nX-A: 1\r\n\r\nbody\r\n--b\r\nContent-Type: image/png\r\n\r\n..\r\n--b--\r\n";
    const message::Structure structure = message::parse_structure(kMessage);
    const PartSource source{
        .blob_of =
            [](const message::Part& part) { return PartBlob{"Bx" + part.content_type.subtype, part.body_length}; },
        .header_of =
            [&](const message::Part& part) { return kMessage.substr(part.header_offset, part.header_length); }};
    const auto properties = parse_part_properties(default_body_properties());
    EXPECT_EQ(body_part(structure.root, structure.root.children[0], *properties, source, false),
              read(R"({"partId":"1","blobId":"Bxhtml","size":4,"name":"学","type":"text/html","charset":"Shift_JIS",)"
                   R"("disposition":"inline","cid":"c@d","language":["de","ja"],"location":"http://x/"})"));
    EXPECT_EQ(body_part(structure.root, structure.root.children[1], *properties, source, false),
              read(R"({"partId":"2","blobId":"Bxpng","size":2,"name":null,"type":"image/png","charset":null,)"
                   R"("disposition":null,"cid":null,"language":null,"location":null})"));
    const auto tree = parse_part_properties({"partId", "blobId", "size", "subParts", "header:X-A:asText"});
    EXPECT_EQ(body_part(structure.root, structure.root, *tree, source, true),
              read(R"({"partId":null,"blobId":null,"size":0,"header:X-A:asText":null,"subParts":[)"
                   R"({"partId":"1","blobId":"Bxhtml","size":4,"subParts":null,"header:X-A:asText":"1"},)"
                   R"({"partId":"2","blobId":"Bxpng","size":2,"subParts":null,"header:X-A:asText":null}]})"));
    EXPECT_EQ(parse_part_properties({"partId", "nonsense"}).error().type, "invalidArguments");
    EXPECT_TRUE(parse_part_properties({"headers"})->need_header());
    EXPECT_FALSE(properties->need_header());
}

TEST(BodyValue, IsDecodedCutAndJudged) {
    struct Case {
        std::string_view type, encoding, body;
        std::uint64_t bytes_max;
        std::string_view value;
        bool problem, truncated;
    };

    const Case cases[] = {
        {"text/plain", "7bit", "a\r\nb\rc\r\n", 0, "a\nb\rc\n", false, false},
        {"text/plain; charset=utf-8", "base64", "5a2m5a2m", 0, "学学", false, false},
        {"text/plain; charset=utf-8", "base64", "5a2m5a2m", 5, "学", false, true},
        {"text/plain; charset=utf-8", "base64", "5a2m5a2m", 6, "学学", false, false},
        {"text/html; charset=utf-8", "7bit", "ab<a href=x>c", 8, "ab", false, true},
        {"text/html; charset=utf-8", "7bit", "a<b>cdef", 6, "a<b>cd", false, true},
        {"text/plain; charset=ascii", "7bit", "a<b cdef", 6, "a<b cd", false, true},
        {"text/plain; charset=shift_jis", "8bit", "\x8a\x77", 0, "学", false, false},
        {"text/plain; charset=utf-8", "8bit", "\x8a\x77", 0, "学", true, false},
        {"text/plain; charset=nonsense", "8bit", "a", 0, "a", true, false},
        {"text/plain", "8bit", "\xe5\xad\xa6", 0, "学", false, false},
        {"text/plain; charset=utf-8", "x-none", "a=20", 0, "a=20", true, false},
    };
    for (const Case& each : cases) {
        const std::string text = "Content-Type: " + std::string(each.type) +
                                 "\r\nContent-Transfer-Encoding: " + std::string(each.encoding) + "\r\n\r\n" +
                                 std::string(each.body);
        const message::Structure structure = message::parse_structure(text);
        EXPECT_EQ(
            body_value(structure.root, each.body, each.bytes_max),
            (json::object{{"value", each.value}, {"isEncodingProblem", each.problem}, {"isTruncated", each.truncated}}))
            << each.type << each.body;
    }
}

// RFC 8621 §5: web-face statement 34
TEST(Snippet, MarksWordsWholeAndStaysWithinItsBounds) {
    EXPECT_EQ(mark_words("a <b> & Tea\r\n tea", {"tea", "ea"}, 255),
              "a &lt;b&gt; &amp; <mark>Tea</mark> <mark>tea</mark>");
    EXPECT_EQ(mark_words("東京都庁", {"京都"}, 255), "東<mark>京都</mark>庁");
    EXPECT_EQ(mark_words("ＴＥＡ time", {"tea"}, 255), "<mark>ＴＥＡ</mark> time");
    EXPECT_EQ(mark_words("nothing", {"tea"}, 255), std::nullopt);
    EXPECT_EQ(mark_words("nothing", {}, 255), std::nullopt);
    std::string text;
    for (int line = 0; line < 200; ++line)
        text += "あ<い ";
    for (const std::string& word : {"tea", "い"})
        for (std::size_t most = 30; most < 60; ++most) {
            const auto snippet = mark_words(text + "tea" + text, {word}, most);
            ASSERT_TRUE(snippet.has_value());
            EXPECT_LE(snippet->size(), most);
            EXPECT_TRUE(message::is_utf8(*snippet)) << *snippet;
            EXPECT_EQ(snippet->contains("<mark>"), snippet->contains("</mark>"));
        }
}

TEST(Snippet, IsFoundHoweverTheTextIsCut) {
    const std::string text = std::string(20'000, 'x') + " a needle here " + std::string(20'000, 'y');
    for (const std::size_t piece : {std::size_t{7}, std::size_t{1000}, text.size()}) {
        SnippetFinder finder({"needle"});
        for (std::size_t at = 0; at < text.size(); at += piece)
            finder.text(std::string_view(text).substr(at, piece));
        finder.end_text();
        ASSERT_TRUE(finder.snippet().has_value()) << piece;
        EXPECT_THAT(*finder.snippet(), ::testing::HasSubstr("a <mark>needle</mark> here"));
    }
}

} // namespace
} // namespace tegami::jmap
