// RFC 6152 §3: messages of eight bits for servers of seven.
#include "message/seven_bit.h"

#include "base/ascii.h"
#include "message/header.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

std::string rewritten(const std::string& message, const std::vector<std::string_view>& pieces) {
    SevenBitPlanner planner(parse_structure(message).root, 0);
    for (const std::string_view piece : pieces)
        planner.look(piece);
    auto plan = planner.finish();
    if (!plan) return "cannot: " + std::string(describe(plan.error()));
    SevenBitWriter writer(*std::move(plan));
    std::string out;
    for (const std::string_view piece : pieces)
        out += writer.write(piece);
    return out;
}

/// Types, and what every leaf decodes to.
std::string meaning(const std::string& message, const Part& part) {
    std::string out = part.content_type.type + "/" + part.content_type.subtype + "{";
    if (part.children.empty())
        out += decode_transfer(std::string_view(message).substr(part.body_offset, part.body_length), part.encoding);
    for (const Part& child : part.children)
        out += meaning(message, child);
    return out + "}";
}

const std::string kText =
    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\nTo: b@b.test\r\n\r\ncaf\u00e9 = \u65e5\u672c \r\n.end\r\n";
const std::string kMultipart =
    "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding:\r\n 8BIT\r\n\r\npreamble\r\n--b\r\n"
    "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B\x46|\x1b(B\r\n--b\r\n"
    "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x1a\r\n--b\r\n"
    "Content-Type: message/rfc822\r\ncontent-transfer-encoding : 8bit\r\n\r\nSubject: inner\r\n"
    "Content-Type: text/html\r\n\r\n<p>\xe9</p>\r\n--b\r\n\r\n\xe9 without fields\r\n--b--\r\nepilogue\r\n";

TEST(SevenBit, PartsDecodeToTheSameOctets) {
    for (const std::string& message : {kText, kMultipart}) {
        const std::string before = meaning(message, parse_structure(message).root);
        testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
            const std::string after = rewritten(message, pieces);
            ASSERT_FALSE(ascii::has_high_octet(after)) << after;
            ASSERT_EQ(meaning(after, parse_structure(after).root), before);
            ASSERT_FALSE(ascii::lower(after).contains("8bit")) << after;
        });
    }
    EXPECT_EQ(rewritten(kText, {kText}),
              "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\nTo: b@b.test\r\n\r\n"
              "caf=C3=A9 =3D =E6=97=A5=E6=9C=AC=20\r\n.end\r\n");
    const std::string after = rewritten(kMultipart, {kMultipart});
    EXPECT_TRUE(after.contains("\r\npreamble\r\n")) << after;
    EXPECT_TRUE(after.contains("charset=iso-2022-jp\r\n\r\n\x1b$B")) << "what has seven bits stays";
    EXPECT_TRUE(after.contains("image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGg")) << after;
}

TEST(SevenBit, AMessageWithoutMimeSaysThatNobodyKnowsItsCharset) {
    const std::string message = "Subject: x\r\n\r\n\x93\xfa\r\n";
    EXPECT_EQ(rewritten(message, {message}),
              "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\nContent-Type: "
              "text/plain; charset=unknown-8bit\r\n\r\n=93=FA\r\n");
}

TEST(SevenBit, WhatMayNotBeRewrittenIsNot) {
    struct Case {
        std::string message;
        std::string why;
    };

    const std::string part = "\r\n--b\r\nContent-Type: text/plain\r\n\r\n\xe9\r\n--b--\r\n";
    const std::vector<Case> cases{
        {"DKIM-Signature: v=1\r\n" + kText, "it is signed"},
        {"dkim-signature : v=1\r\n" + kText, "it is signed"},
        {"ARC-Message-Signature: i=1\r\n" + kText, "it is signed"},
        {"Content-Type: multipart/signed; boundary=b\r\n" + part, "it is signed"},
        {"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: multipart/signed; boundary=b\r\n" +
             part + "--c--\r\n",
         "it is signed"},
        {"X: \xe9\r\n" + kText, "its header has characters beyond ASCII"},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n\xe9" + part, "a part of it may not be encoded"},
        {"Content-Type: multipart/mixed; boundary=b\r\n" + part + "\xe9\r\n", "a part of it may not be encoded"},
        {"Content-Type: multipart/mixed\r\n\r\n\xe9\r\n", "a part of it may not be encoded"},
        {"Content-Type: message/delivery-status\r\n\r\n\xe9\r\n", "a part of it may not be encoded"},
        {"Content-Transfer-Encoding: base64\r\n\r\n\xe9\r\n", "a part of it may not be encoded"},
        {"Content-Transfer-Encoding: x-odd\r\n\r\n\xe9\r\n", "a part of it may not be encoded"},
        {"X: " + std::string(kSevenBitHeaderBytesMax, 'x') + "\r\n" + kText, "its headers are too large"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(rewritten(each.message, {each.message}), "cannot: " + each.why) << each.message.substr(0, 200);
}

} // namespace
} // namespace tegami::message
