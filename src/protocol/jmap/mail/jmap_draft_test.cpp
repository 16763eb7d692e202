// RFC 8621 §4.6: what a client says of a new message becomes that message, or is refused by name. What is written is read
// back by header_form.h and body_lists.h.
#include "base/random.h"
#include "protocol/jmap/mail/body_lists.h"
#include "protocol/jmap/mail/body_value.h"
#include "protocol/jmap/mail/draft.h"
#include "protocol/jmap/mail/header_form.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace tegami::jmap {
namespace {

using ::testing::HasSubstr;

json::object create(std::string_view text) {
    return read_json(text, 100).value().as_object();
}

const DraftContext kContext{.now = *message::parse_date("Fri, 27 Nov 2026 10:00:00 +0900"),
                            .message_id = "made@b.test",
                            .boundary = "Q",
                            .looks = {}};

/// The message, with <id> for a blob.
std::string written(std::string_view email, const DraftContext& context = kContext) {
    const auto draft = Draft::read(create(email));
    if (!draft) return draft.error().type + ": " + (draft.error().names.empty() ? "" : draft.error().names.front());
    std::string message;
    for (const DraftPiece& piece : draft->write(context))
        if (const auto* blob = std::get_if<EncodedBlob>(&piece))
            message += "<" + blob->id + " " + std::string(message::name_of(blob->encoding)) + ">";
        else
            message += std::get<std::string>(piece);
    return message;
}

message::EncodingChooser look_at(std::string_view octets) {
    message::EncodingChooser look;
    look.feed(octets);
    return look;
}

TEST(Draft, WithEverythingThatAPersonWrites) {
    EXPECT_EQ(
        written(
            R"({"mailboxIds":{"m":true},"keywords":{"$draft":true},"from":[{"name":"Ann","email":"ann@a.test"}],)"
            R"("to":[{"name":"学","email":"b@b.test"}],"cc":[],"bcc":null,"subject":"Grüße",)"
            R"("sentAt":"2026-11-27T09:00:00+09:00","inReplyTo":["x@y"],"bodyValues":{"1":{"value":"Hello\nyou\n"}},)"
            R"("textBody":[{"partId":"1"}]})"),
        "From: Ann <ann@a.test>\r\nTo: =?UTF-8?B?5a2m?= <b@b.test>\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"
        "Date: Fri, 27 Nov 2026 09:00:00 +0900\r\nIn-Reply-To: <x@y>\r\nMessage-ID: <made@b.test>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        "Hello\r\nyou\r\n");
}

TEST(Draft, AlternativesPicturesAndFiles) {
    const std::string message = written(
        R"({"subject":"x","messageId":["own@a"],"bodyValues":{"t":{"value":"学"},"h":{"value":"<b>学</b>","isTruncated":false}},)"
        R"("textBody":[{"partId":"t","type":"text/plain"}],"htmlBody":[{"partId":"h"}],"attachments":[)"
        R"({"blobId":"B1","type":"image/png","cid":"p@x","disposition":"inline"},)"
        R"({"blobId":"B2","type":"application/pdf","name":"報告.pdf","language":["de","ja"],"location":"http://x/"},)"
        R"({"blobId":"B3","type":"message/rfc822","header:X-Own:asText":"ü"}]})");
    const message::Structure structure = message::parse_structure(message);
    const BodyLists lists = list_body(structure.root);
    ASSERT_EQ(lists.text.size(), 1U);
    ASSERT_EQ(lists.html.size(), 1U);
    ASSERT_EQ(lists.attachments.size(), 3U);
    const auto body_of = [&](const message::Part* part) {
        return message.substr(part->body_offset, part->body_length);
    };
    EXPECT_EQ(body_value(*lists.text[0], body_of(lists.text[0]), 0).at("value"), "学");
    EXPECT_EQ(body_value(*lists.html[0], body_of(lists.html[0]), 0).at("value"), "<b>学</b>");
    EXPECT_EQ(body_of(lists.attachments[0]), "<B1 base64>");
    EXPECT_EQ(lists.attachments[0]->id, "<p@x>");
    EXPECT_EQ(body_of(lists.attachments[1]), "<B2 base64>");
    EXPECT_EQ(file_name(*lists.attachments[1]), "報告.pdf");
    EXPECT_EQ(lists.attachments[1]->disposition->type, "attachment");
    EXPECT_EQ(lists.attachments[1]->location, "http://x/");
    EXPECT_THAT(message, HasSubstr("<B3 base64>"));
    EXPECT_EQ(part_id(structure.root, *lists.attachments[0]), "1.2.2");
    EXPECT_THAT(message, HasSubstr("Message-ID: <own@a>\r\n"));
}

TEST(Draft, AStructureOfItsOwn) {
    const std::string message = written(
        R"({"bodyValues":{"a":{"value":"one"},"b":{"value":"two"}},"bodyStructure":{"type":"multipart/mixed","header:X-M":"m","subParts":[)"
        R"({"partId":"a","type":"text/x-own"},{"subParts":[{"partId":"b"},{"blobId":"B1","type":"text/csv","charset":"latin1"}]}]}})");
    const message::Structure structure = message::parse_structure(message);
    ASSERT_EQ(structure.root.children.size(), 2U);
    EXPECT_EQ(structure.root.children[0].content_type.subtype, "x-own");
    ASSERT_EQ(structure.root.children[1].children.size(), 2U);
    EXPECT_EQ(structure.root.children[1].children[1].content_type.parameter("charset"), "latin1");
    EXPECT_EQ(*header_value(message::Header(message), *parse_header_property("header:X-M:asText")).if_string(), "m");
}

// web-face statements 15 and 17
TEST(Draft, BlobsAreEncodedAsWeaklyAsTheirOctetsAllow) {
    const std::string_view email = R"({"textBody":[{"blobId":"T"}],"htmlBody":[{"blobId":"H","charset":"x-own"}],)"
                                   R"("attachments":[{"blobId":"M","type":"message/rfc822"},)"
                                   R"({"blobId":"L","type":"message/rfc822"},{"blobId":"P","type":"image/png"}]})";
    std::map<std::string, bool> blobs;
    for (const DraftBlob& blob : Draft::read(create(email)).value().blobs())
        blobs[blob.id] = blob.look;
    EXPECT_EQ(blobs, (std::map<std::string, bool>{{"H", true}, {"L", true}, {"M", true}, {"P", false}, {"T", true}}));
    DraftContext context = kContext;
    context.looks = {{"T", look_at("a word of Grüße, and many others\r\n")},
                     {"H", look_at("学生")},
                     {"M", look_at("Subject: Grüße\r\n\r\n")},
                     {"L", look_at(std::string(2000, 'x'))}};
    const std::string message = written(email, context);
    for (const char* const part :
         {"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<T quoted",
          "Content-Type: text/html; charset=x-own\r\nContent-Transfer-Encoding: base64\r\n\r\n<H base64>",
          "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<M 8bit>",
          "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n<L base64>",
          "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n<P base64>"})
        EXPECT_THAT(message, HasSubstr(part));
    const auto twice = Draft::read(create(R"({"attachments":[{"blobId":"B"},{"blobId":"B"}]})")).value().blobs();
    ASSERT_EQ(twice.size(), 1U);
    EXPECT_EQ(twice.front().parts, 2U);
}

TEST(Draft, EmptyIsADraft) {
    EXPECT_THAT(written(R"({"mailboxIds":{"m":true}})"), HasSubstr("Content-Type: text/plain"));
}

/// What goes in comes out as it was, in every form.
TEST(Draft, FieldsAreReadBackAsTheyWereGiven) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"from", R"([{"name":"A \"quoted\" B, C","email":"a@b.test"},{"name":null,"email":"c@d.test"}])"},
        {"to", R"([{"name":null,"email":"no address"}])"},
        {"header:To:asGroupedAddresses",
         R"([{"name":"G","addresses":[{"name":"学","email":"b@x.test"}]},{"name":null,"addresses":[{"name":null,"email":"c@x.test"}]}])"},
        {"subject",
         R"("a very long subject in which there are many words, so that it needs more than one line of its header, does it not?")"},
        {"subject",
         R"("学生の皆さんへ、これはとても長い件名ですから、一行には入りません。それでも、そのまま読めるはずです。")"},
        {"header:X-A:asText:all", R"(["one","two"])"},
        {"references", R"(["a@b","c@d"])"},
        {"header:List-Unsubscribe:asURLs", R"(["mailto:a@b?subject=x","https://b/u"])"},
        {"sentAt", R"("2014-10-30T14:12:00-03:30")"},
        {"header:Resent-Date:asDate", R"("2014-10-30T14:12:00Z")"},
        {"header:X-B:asAddresses", R"([{"name":"x","email":"\"odd local\"@b.test"}])"},
    };
    for (const auto& [name, value] : cases) {
        const std::string email = "{\"" + std::string(name) + "\":" + std::string(value) + "}";
        const std::string message = written(email);
        const auto property = name.starts_with("header:") ? *parse_header_property(name) : *find_header_property(name);
        EXPECT_EQ(header_value(message::Header(message), property), create(email).at(name)) << message;
    }
}

/// Emails at random, of what is hard to write.
class RandomEmail {
public:
    explicit RandomEmail(std::uint64_t seed) : random_(seed) {}

    std::string text(std::size_t pieces_max) {
        static constexpr std::array<std::string_view, 40> kPieces{
            "a",  "word", " ",   ",",        ";",         ":",
            "<",  ">",    "(",   ")",        "\"",        "\\",
            "=",  "_",    "?",   "=?",       "?=",        "@",
            "[",  "]",    "'",   "%41",      "é",         "学",
            "生", "🙂",   "ß",   "\xc2\xa0", ".",         "..",
            "&",  "*",    "=3D", "utf-8",    "=?x?q?y?=", "long-word-without-any-blank-in-it-at-all-for-folds",
            "- ", "From", "--",  "#"};
        std::string text;
        for (std::uint64_t count = 1 + random_.below(pieces_max); count > 0; --count)
            text += kPieces[random_.below(kPieces.size())];
        return text;
    }

    /// Without blanks at its ends, and not more than one between: those of a header mean no more.
    std::string line() {
        std::string line;
        for (const char octet : text(30))
            if (octet != ' ' || (!line.empty() && line.back() != ' ')) line += octet;
        while (line.ends_with(' '))
            line.pop_back();
        return line;
    }

    std::string lines() {
        std::string lines;
        for (std::uint64_t count = random_.below(6); count > 0; --count)
            lines +=
                (random_.below(8) == 0 ? std::string(1200, 'x') : text(12)) + (random_.below(9) == 0 ? "  \n" : "\n");
        return lines + (random_.below(2) == 0 ? text(3) : "");
    }

    std::string address() { return "a" + std::to_string(random_.below(99)) + "@b.test"; }

    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

private:
    SeededRandom random_;
};

TEST(Draft, IsReadBackAsItWasGiven) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        RandomEmail random(seed);
        json::object email{{"subject", random.line()}, {"header:X-Own:asText", random.line()}};
        json::array people;
        for (std::uint64_t count = 1 + random.below(4); count > 0; --count)
            people.push_back(json::object{{"name", random.line()}, {"email", random.address()}});
        email["to"] = people;
        email["from"] = json::array{people.front()};
        json::object values;
        json::array attachments;
        for (const char* const id : {"t", "h", "x"})
            values[id] = json::object{{"value", random.lines()}};
        email["textBody"] = json::array{json::object{{"partId", "t"}}};
        email["htmlBody"] = json::array{json::object{{"partId", "h"}}};
        email["attachments"] = json::array{
            json::object{{"partId", "x"}, {"type", "text/x-own"}, {"name", random.line()}, {"cid", random.address()}}};
        email["bodyValues"] = values;

        const std::string message = written(write_json(email));
        const message::Header header(message);
        for (const char* const name : {"subject", "to", "from"})
            EXPECT_EQ(header_value(header, *find_header_property(name)), email.at(name)) << message;
        EXPECT_EQ(header_value(header, *parse_header_property("header:X-Own:asText")), email.at("header:X-Own:asText"));
        const message::Structure structure = message::parse_structure(message);
        EXPECT_FALSE(structure.has_8bit_header || structure.has_8bit_body);
        const BodyLists lists = list_body(structure.root);
        ASSERT_EQ(lists.text.size() + lists.html.size() + lists.attachments.size(), 3U) << message;
        const auto value_of = [&](const message::Part* part) {
            return body_value(*part, std::string_view(message).substr(part->body_offset, part->body_length), 0);
        };
        EXPECT_EQ(value_of(lists.text[0]).at("value"), values.at("t").at("value")) << message;
        EXPECT_EQ(value_of(lists.html[0]).at("value"), values.at("h").at("value")) << message;
        EXPECT_EQ(value_of(lists.attachments[0]).at("value"), values.at("x").at("value")) << message;
        EXPECT_EQ(file_name(*lists.attachments[0]), email.at("attachments").at(0).at("name").as_string()) << message;
        for (std::size_t at = 0, begin = 0; at < message.size(); ++at)
            if (message[at] == '\n') {
                EXPECT_LE(at - begin, 999U);
                begin = at + 1;
            }
        if (HasFailure()) return;
    }
}

/// One value is one field, whatever is in it.
TEST(Draft, NoValueSmugglesInAField) {
    const std::string_view evil = R"(x\r\nBcc: evil@b.test\r\n\r\nbody\u0000)";
    for (const std::string& email :
         {R"({"subject":")" + std::string(evil) + R"("})", R"({"header:X-A":")" + std::string(evil) + R"("})",
          R"({"from":[{"name":")" + std::string(evil) + R"(","email":"a@b.test"}]})",
          R"({"from":[{"name":"a","email":")" + std::string(evil) + R"("}]})",
          R"({"messageId":[")" + std::string(evil) + R"("]})",
          R"({"header:List-Post:asURLs":[")" + std::string(evil) + R"("]})",
          R"({"header:To:asGroupedAddresses":[{"name":")" + std::string(evil) + R"(","addresses":[]}]})",
          R"({"attachments":[{"blobId":"B","name":")" + std::string(evil) + R"(","type":"image/png"}]})",
          R"({"attachments":[{"blobId":"B","cid":")" + std::string(evil) + R"(","type":"image/png"}]})",
          R"({"attachments":[{"blobId":"B","location":")" + std::string(evil) + R"(","type":"image/png"}]})",
          R"({"attachments":[{"blobId":"B","charset":")" + std::string(evil) + R"(","type":"image/png"}]})",
          R"({"attachments":[{"blobId":"B","language":[")" + std::string(evil) + R"("],"type":"image/png"}]})"}) {
        const std::string message = written(email);
        const message::Structure structure = message::parse_structure(message);
        EXPECT_FALSE(message::Header(message).contains("Bcc")) << message;
        EXPECT_EQ(message.find("\r\nBcc:"), std::string::npos) << message;
        EXPECT_EQ(message.find('\0'), std::string::npos) << email;
    }
}

/// Whoever takes a message in 7 bits takes what parts say of themselves.
TEST(Draft, WhatPartsSayIsAscii) {
    for (const std::string_view of_part :
         {R"("name":"é \"x\"")", R"("cid":"é <x>")", R"("location":"http://x/é y")", R"("charset":"é")"}) {
        const std::string message =
            written(fmt::format(R"({{"attachments":[{{"blobId":"B","type":"a/b",{}}}]}})", of_part));
        EXPECT_FALSE(message::parse_structure(message).has_8bit_header) << message;
        EXPECT_THAT(message, HasSubstr("<B base64>"));
    }
    EXPECT_THAT(written(R"({"attachments":[{"blobId":"B","type":"a/b","cid":"é <x>"}]})"),
                HasSubstr("Content-ID: <%C3%A9%20%3Cx%3E>\r\n"));
    for (const std::string_view of_part : {R"("type":"a/é")", R"("disposition":"é")", R"("disposition":"inline; x=y")",
                                           R"("language":["é"])", R"("language":["de\r\nX: y"])"})
        EXPECT_EQ(written(fmt::format(R"({{"attachments":[{{"blobId":"B",{}}}]}})", of_part)),
                  "invalidProperties: attachments")
            << of_part;
}

TEST(Draft, WhatIsSaidTwiceOrWronglyIsNamed) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"headers":[]})", "headers"},
        {R"({"from":[],"header:from":"x"})", "header:from"},
        {R"({"header:From:asText":"x"})", "header:From:asText"},
        {R"({"header:Content-Type":"x"})", "header:Content-Type"},
        {R"({"subject":1})", "subject"},
        {R"({"from":"a@b"})", "from"},
        {R"({"from":[{"email":1}]})", "from"},
        {R"({"sentAt":"yesterday"})", "sentAt"},
        {R"({"sentAt":"2014-13-30T14:12:00Z"})", "sentAt"},
        {R"({"sentAt":"2014-10-30T14:12:00+1:00"})", "sentAt"},
        {R"({"bodyStructure":{"partId":"1"},"textBody":[]})", "textBody"},
        {R"({"bodyStructure":{"partId":"1"}})", "bodyValues"},
        {R"({"bodyStructure":{"partId":"1","blobId":"b"}})", "bodyStructure"},
        {R"({"bodyStructure":{"type":"text/plain"}})", "bodyStructure"},
        {R"({"bodyStructure":{"type":"text/plain","subParts":[{"blobId":"b"}]}})", "bodyStructure"},
        {R"({"bodyStructure":{"type":"multipart/mixed"}})", "bodyStructure"},
        {R"({"bodyStructure":{"type":"nonsense","blobId":"b"}})", "bodyStructure"},
        {R"({"subject":"x","bodyStructure":{"blobId":"b","header:Subject":"y"}})", "header:Subject"},
        {R"({"bodyStructure":{"blobId":"b","header:Content-Transfer-Encoding":"7bit"}})",
         "header:Content-Transfer-Encoding"},
        {R"({"bodyStructure":{"blobId":"b","type":"a/b","header:Content-Type":"a/b"}})", "header:Content-Type"},
        {R"({"bodyValues":{"1":{"value":"x"}},"bodyStructure":{"partId":"1","charset":"utf-8"}})", "bodyStructure"},
        {R"({"bodyValues":{"1":{"value":"x"}},"bodyStructure":{"partId":"1","size":1}})", "bodyStructure"},
        {R"({"bodyValues":{"1":{"value":"x","isTruncated":true}},"textBody":[{"partId":"1"}]})", "bodyValues"},
        {R"({"bodyValues":{"1":{"value":"x"}},"textBody":[{"partId":"1","type":"text/html"}]})", "textBody"},
        {R"({"bodyValues":{"1":{"value":"x"}},"textBody":[{"partId":"1"},{"partId":"1"}]})", "textBody"},
        {R"({"bodyValues":{"1":{"value":"x","header:X-A":"y"}},"textBody":[{"partId":"1"}]})", "bodyValues"},
        {R"({"bodyStructure":{"subParts":[{"blobId":"b"}],"header:Content-Type":"multipart/x"}})",
         "header:Content-Type"},
        {R"({"bodyStructure":{"blobId":"b","language":["de"],"header:Content-Language":"de"}})", "bodyStructure"},
        {R"({"bodyValues":{"1":{"value":"x"}},"bodyStructure":{"subParts":[{"partId":"1"},{"partId":"1"}]}})",
         "bodyStructure"},
        {R"({"textBody":1})", "textBody"},
        {R"({"attachments":[{"blobId":"b","header:X-A":"1","header:x-a":"2"}]})", "header:x-a"},
        {R"({"attachments":[1]})", "attachments"},
    };
    for (const auto& [email, name] : cases)
        EXPECT_EQ(written(email), "invalidProperties: " + std::string(name)) << email;
    std::string deep = R"({"blobId":"b"})";
    for (std::size_t level = 0; level <= kDraftDepthMax; ++level)
        deep = fmt::format(R"({{"subParts":[{}]}})", deep);
    EXPECT_EQ(written(R"({"bodyStructure":)" + deep + "}"), "invalidProperties: bodyStructure");
}

} // namespace
} // namespace tegami::jmap
