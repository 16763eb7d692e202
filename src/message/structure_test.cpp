#include "message/structure.h"

#include "base/random.h"
#include "testing/splits.h"
#include "testing/turns.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

std::string_view header_of(std::string_view message, const Part& part) {
    return message.substr(part.header_offset, part.header_length);
}

std::string_view body_of(std::string_view message, const Part& part) {
    return message.substr(part.body_offset, part.body_length);
}

/// The tree as text: `multipart/mixed(text/plain message/rfc822(text/html))`.
std::string outline(const Part& part) {
    std::string out = part.content_type.type + "/" + part.content_type.subtype;
    if (part.children.empty()) return out;
    out += "(";
    for (const Part& child : part.children)
        out += (out.back() == '(' ? "" : " ") + outline(child);
    return out + ")";
}

/// Checks invariants 2 and 3 of structure.h.
void expect_sound(std::string_view message, const Part& part, std::uint64_t start, std::uint64_t end) {
    ASSERT_GE(part.header_offset, start);
    ASSERT_EQ(part.body_offset, part.header_offset + part.header_length);
    ASSERT_LE(part.end(), end);
    const std::string_view body = body_of(message, part);
    ASSERT_EQ(part.body_lines, static_cast<std::uint64_t>(std::count(body.begin(), body.end(), '\n')));
    switch (part.kind) {
    case PartKind::text: ASSERT_EQ(part.content_type.type, "text"); [[fallthrough]];
    case PartKind::basic: ASSERT_TRUE(part.children.empty()); break;
    case PartKind::multipart: ASSERT_FALSE(part.children.empty()); break;
    case PartKind::message:
        ASSERT_EQ(part.children.size(), 1U);
        ASSERT_TRUE(part.envelope);
        ASSERT_EQ(part.children.front().header_offset, part.body_offset);
        ASSERT_EQ(part.children.front().end(), part.end());
        break;
    }
    std::uint64_t from = part.body_offset;
    for (const Part& child : part.children) {
        expect_sound(message, child, from, part.end());
        from = child.end();
    }
}

/// Parses in every split, checks that all agree and are sound, and returns the structure.
Structure parsed(std::string_view message) {
    const Structure whole = parse_structure(message);
    testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
        StructureParser parser;
        for (const std::string_view piece : pieces)
            parser.feed(piece);
        ASSERT_EQ(parser.finish(), whole) << pieces.front().size();
    });
    EXPECT_EQ(whole.size, message.size());
    EXPECT_EQ(whole.root.end(), message.size());
    expect_sound(message, whole.root, 0, message.size());
    return whole;
}

TEST(Structure, OfAPlainMessage) {
    const auto message = "Subject: hello\r\nFrom: a@b.test\r\n\r\nbody\r\nof two lines\r\n"sv;
    const Structure structure = parsed(message);
    EXPECT_EQ(outline(structure.root), "text/plain");
    EXPECT_EQ(body_of(message, structure.root), "body\r\nof two lines\r\n");
    EXPECT_EQ(structure.root.body_lines, 2U);
    EXPECT_EQ(structure.envelope.subject, "hello");
    EXPECT_EQ(structure.header_bytes, header_of(message, structure.root));
    EXPECT_EQ(structure.header_fields.size(), 2U);
    EXPECT_EQ(structure.text_sample.bytes, "body\r\nof two lines\r\n");
    EXPECT_FALSE(structure.limited);
}

TEST(Structure, OfNothingMuch) {
    for (const auto message :
         {""sv, "\r\n"sv, "\n"sv, "\r"sv, "body only\r\n"sv, "A: 1"sv, "A: 1\r\n"sv, "\0\0"sv, "-"sv, "--"sv})
        EXPECT_EQ(outline(parsed(message).root), "text/plain");
}

TEST(Structure, OfAMultipart) {
    const auto message = "Content-Type: multipart/mixed; boundary=\"b\"\r\n"
                         "\r\n"
                         "preamble\r\n"
                         "--b\r\n"
                         "Content-Type: text/plain; charset=utf-8\r\n"
                         "\r\n"
                         "one\r\ntwo\r\n"
                         "--b  \t\r\n"
                         "Content-Type: image/png; name=x.png\r\n"
                         "Content-Transfer-Encoding: Base64\r\n"
                         "Content-ID: <id@x>\r\n"
                         "Content-Description: a picture\r\n"
                         "Content-MD5: abc==\r\n"
                         "Content-Disposition: attachment; filename=\"x.png\"\r\n"
                         "Content-Language: en, ja\r\n"
                         "Content-Location: http://x.test/\r\n"
                         "\r\n"
                         "aGVsbG8=\r\n"
                         "\r\n"
                         "--b\r\n"
                         "\r\n"
                         "--b--\r\n"
                         "epilogue\r\n"
                         "--b\r\n"
                         "not a part\r\n"sv;
    const Structure structure = parsed(message);
    const Part& root = structure.root;
    ASSERT_EQ(outline(root), "multipart/mixed(text/plain image/png text/plain)");
    EXPECT_EQ(body_of(message, root.children[0]), "one\r\ntwo");
    EXPECT_EQ(root.children[0].body_lines, 1U);
    EXPECT_EQ(header_of(message, root.children[0]), "Content-Type: text/plain; charset=utf-8\r\n\r\n");
    const Part& picture = root.children[1];
    EXPECT_EQ(body_of(message, picture), "aGVsbG8=\r\n");
    EXPECT_EQ(picture.encoding, TransferEncoding::base64);
    EXPECT_EQ(picture.encoding_name, "BASE64");
    EXPECT_EQ(picture.id, "<id@x>");
    EXPECT_EQ(picture.description, "a picture");
    EXPECT_EQ(picture.md5, "abc==");
    EXPECT_EQ(picture.disposition->type, "attachment");
    EXPECT_EQ(decode_parameter(picture.disposition->parameters, "filename"), "x.png");
    EXPECT_EQ(picture.language, (std::vector<std::string>{"en", "ja"}));
    EXPECT_EQ(picture.location, "http://x.test/");
    EXPECT_EQ(body_of(message, root.children[2]), "");
    EXPECT_EQ(header_of(message, root.children[2]), "\r\n");
    EXPECT_EQ(structure.text_sample.bytes, "one\r\ntwo");
}

TEST(Structure, OfEnclosedMessages) {
    const auto message = "Content-Type: multipart/mixed; boundary=o\n"
                         "\n"
                         "--o\n"
                         "Content-Type: message/rfc822\n"
                         "\n"
                         "Subject: inner\n"
                         "Content-Type: multipart/alternative; boundary=i\n"
                         "\n"
                         "--i\n"
                         "\n"
                         "text\n"
                         "--i\n"
                         "Content-Type: text/html\n"
                         "\n"
                         "<p>html\n"
                         "--i--\n"
                         "\n"
                         "--o\n"
                         "Content-Type: message/rfc822\n"
                         "\n"
                         "Subject: empty\n"
                         "\n"
                         "--o--\n"sv;
    const Structure structure = parsed(message);
    const Part& root = structure.root;
    ASSERT_EQ(
        outline(root),
        "multipart/mixed(message/rfc822(multipart/alternative(text/plain text/html)) message/rfc822(text/plain))");
    EXPECT_EQ(root.children[0].envelope->subject, "inner");
    EXPECT_EQ(root.children[1].envelope->subject, "empty");
    EXPECT_EQ(body_of(message, root.children[1]), "Subject: empty\n\n");
    ASSERT_NE(find_part(root, {1, 2}), nullptr);
    EXPECT_EQ(body_of(message, *find_part(root, {1, 2})), "<p>html");
    EXPECT_EQ(find_part(root, {1, 1})->content_type.subtype, "plain");
    EXPECT_EQ(find_part(root, {1}), &root.children[0]);
    EXPECT_EQ(find_part(root, {2, 1}), &root.children[1].children[0]);
    EXPECT_EQ(find_part(root, {}), &root);
    for (const auto& numbers : {std::vector<std::uint32_t>{0}, {3}, {1, 3}, {1, 1, 1}, {2, 2}, {2, 1, 1}})
        EXPECT_EQ(find_part(root, numbers), nullptr);
}

TEST(Structure, NumbersPartsOfMessagesWithoutMultipart) {
    const Structure plain = parsed("A: 1\r\n\r\nx");
    EXPECT_EQ(find_part(plain.root, {1}), &plain.root);
    EXPECT_EQ(find_part(plain.root, {2}), nullptr);
    EXPECT_EQ(find_part(plain.root, {1, 1}), nullptr);
    const Structure forwarded = parsed("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny");
    EXPECT_EQ(find_part(forwarded.root, {1}), &forwarded.root);
    EXPECT_EQ(find_part(forwarded.root, {1, 1}), &forwarded.root.children[0]);
}

TEST(Structure, OfADigest) {
    const auto message = "Content-Type: multipart/digest; boundary=d\r\n\r\n"
                         "--d\r\n\r\nSubject: a\r\n\r\none\r\n"
                         "--d\r\n\r\nSubject: b\r\n\r\ntwo\r\n--d--"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/digest(message/rfc822(text/plain) message/rfc822(text/plain))");
    EXPECT_EQ(structure.root.children[1].envelope->subject, "b");
    EXPECT_EQ(body_of(message, structure.root.children[1].children[0]), "two");
}

/// Type, encoding and its name of the one part inside, or of the message if there is none.
std::string leaf_of(std::string_view message) {
    const Structure structure = parse_structure(message);
    const Part& part = structure.root.children.empty() ? structure.root : structure.root.children.front();
    return part.content_type.type + '/' + part.content_type.subtype + ' ' + part.encoding_name +
           (part.encoding == TransferEncoding::unknown ? " unknown" : "") +
           (part.content_type.parameters.empty() ? "" : " " + part.content_type.parameters.front().value);
}

// RFC 2046 §5.2.1, RFC 6532 §3.7, RFC 2045 §6.4
TEST(Structure, KeepsEncodedMessagesWhole) {
    constexpr std::string_view kBase64 = "\r\n\r\nU3ViamVjdDogeA0KDQp5DQo=\r\n";
    EXPECT_EQ(
        leaf_of("Content-Type: message/rfc822; name=m.eml\r\nContent-Transfer-Encoding: base64" + std::string(kBase64)),
        "application/octet-stream BASE64 m.eml");
    EXPECT_EQ(
        leaf_of("Content-Type: message/global\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: =78\r\n"),
        "application/octet-stream QUOTED-PRINTABLE");
    EXPECT_EQ(leaf_of("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: \"base64\"" + std::string(kBase64)),
              "application/octet-stream BASE64");
    EXPECT_EQ(leaf_of("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64" +
                      std::string(kBase64)),
              "text/plain BASE64");
    EXPECT_EQ(leaf_of("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                      "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"),
              "image/png 7BIT");
    EXPECT_EQ(
        leaf_of(
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8 bit\r\n\r\nContent-Type: text/html\r\n\r\nx"),
        "text/html 7BIT");
    EXPECT_EQ(leaf_of("Content-Transfer-Encoding: \"X-UUE\" (old)\r\n\r\nx"), "text/plain X-UUE unknown");
    EXPECT_EQ(leaf_of("Content-Transfer-Encoding: utf-8\r\n\r\nx"), "text/plain 8BIT");
}

TEST(Structure, OuterDelimitersEndWhatIsInside) {
    const auto message = "Content-Type: multipart/mixed; boundary=outer\r\n\r\n"
                         "--outer\r\n"
                         "Content-Type: multipart/mixed; boundary=inner\r\n\r\n"
                         "--inner\r\n\r\nfirst\r\n"
                         "--outer\r\n\r\nsecond\r\n"
                         "--inner\r\nstill second\r\n"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(multipart/mixed(text/plain) text/plain)");
    EXPECT_EQ(body_of(message, structure.root.children[0].children[0]), "first");
    EXPECT_EQ(body_of(message, structure.root.children[1]), "second\r\n--inner\r\nstill second\r\n");
}

TEST(Structure, KeepsBoundariesApartThatBeginAlike) {
    const auto message = "Content-Type: multipart/mixed; boundary=foo\r\n\r\n"
                         "--foo\r\n"
                         "Content-Type: multipart/mixed; boundary=foobar\r\n\r\n"
                         "--foobar\r\n\r\na\r\n--foobar2\r\n--foo-\r\n--foo bar\r\n"
                         "--foobar--\r\n"
                         "--foobar\r\nepilogue\r\n"
                         "--foo--\r\n"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(multipart/mixed(text/plain))");
    EXPECT_EQ(body_of(message, structure.root.children[0].children[0]), "a\r\n--foobar2\r\n--foo-\r\n--foo bar");
}

TEST(Structure, DelimitersAreWholeLines) {
    const auto message =
        "Content-Type: multipart/mixed; boundary=sb\r\n \r\nSubject: after a blank line of folding\r\n\r\n"
        "--sb\r\n"
        "Content-Type: multipart/alternative; boundary=\"--sb\"\r\n\r\n"
        "----sb\r\n\r\nsee --sb and ----sb here\r\n --sb\r\n--sb--More\r\n"
        "----sb\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
        "----sb--\r\n"
        "--sb\r\n\r\nlast\r\n--sb--\r\n"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(multipart/alternative(text/plain text/html) text/plain)");
    EXPECT_EQ(structure.envelope.subject, "after a blank line of folding");
    EXPECT_EQ(body_of(message, structure.root.children[0].children[0]),
              "see --sb and ----sb here\r\n --sb\r\n--sb--More");
    EXPECT_EQ(body_of(message, structure.root.children[1]), "last");
}

TEST(Structure, OfAReportThatEnclosesAHeaderOnly) {
    const auto message = "Content-Type: multipart/report; boundary=r\r\n\r\n"
                         "--r\r\nContent-Type: message/rfc822\r\n\r\n"
                         "Subject: lost\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
                         "--r--\r\n"sv;
    EXPECT_EQ(outline(parsed(message).root), "multipart/report(message/rfc822(multipart/alternative(text/plain)))");
    // A type that is none, and fields that come twice: the first counts.
    EXPECT_EQ(leaf_of("Content-Type: X-ZIP; boundary=\"\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEs=\r\n"),
              "text/plain BASE64");
    EXPECT_EQ(leaf_of("Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\n<p>"), "text/html 7BIT");
}

TEST(Structure, GivesEqualBoundariesToTheInnermost) {
    const auto message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                         "--b\r\n"
                         "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                         "--b\r\n\r\ninner 1\r\n--b\r\n\r\ninner 2\r\n--b--\r\n"
                         "--b\r\n\r\nouter 2\r\n--b--\r\n"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(multipart/mixed(text/plain text/plain) text/plain)");
    EXPECT_EQ(body_of(message, structure.root.children[1]), "outer 2");
}

TEST(Structure, ShowsTextWhereDelimitersAreMissing) {
    const auto never = "Content-Type: multipart/mixed; boundary=b\r\n\r\nno parts here\r\n"sv;
    const Structure structure = parsed(never);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(text/plain)");
    EXPECT_EQ(body_of(never, structure.root.children[0]), "no parts here\r\n");
    EXPECT_EQ(outline(parsed("Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ny").root), "text/plain");
    EXPECT_EQ(outline(parsed("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\ny").root), "text/plain");
    EXPECT_EQ(outline(parsed("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n--b\r\n").root),
              "multipart/mixed(text/plain)");
    EXPECT_EQ(outline(parsed("Content-Type: nonsense\r\n\r\ny").root), "text/plain");
}

TEST(Structure, EndsHeadersAtDelimiters) {
    const auto message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                         "--b\r\n--b\r\nContent-Type: text/html\r\n--b\r\nContent-Type: message/rfc822\r\n"
                         "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n--b\r\n"
                         "Content-Type: message/rfc822\r\n\r\nSubject: cut\r\n--b--\r\n"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(text/plain text/html message/rfc822(text/plain) "
                                       "multipart/mixed(text/plain) message/rfc822(text/plain))");
    EXPECT_EQ(header_of(message, structure.root.children[1]), "Content-Type: text/html");
    EXPECT_EQ(structure.root.children[4].envelope->subject, "cut");
}

TEST(Structure, TakesOddLineEnds) {
    const auto message = "Content-Type: multipart/mixed; boundary=b\n\n"
                         "--b\r\n\na\r\r\n--b\n\r\nb\n\r\n--b\r\n\r\nc\r--b\r\n--b--\r"sv;
    const Structure structure = parsed(message);
    ASSERT_EQ(outline(structure.root), "multipart/mixed(text/plain text/plain text/plain)");
    EXPECT_EQ(body_of(message, structure.root.children[0]), "a\r");
    EXPECT_EQ(body_of(message, structure.root.children[1]), "b\n");
    EXPECT_EQ(body_of(message, structure.root.children[2]), "c\r--b");
}

TEST(Structure, TakesNulOctetsAndNoise) {
    const auto message = "Content-Type: multipart/mixed; boundary=b\r\nX: \0\r\n\r\n--b\r\n\r\n\0\xff\0\r\n--b--\r\n"sv;
    const Structure structure = parsed(message);
    EXPECT_EQ(body_of(message, structure.root.children[0]), "\0\xff\0"sv);
    EXPECT_TRUE(structure.has_8bit_body);
    EXPECT_FALSE(structure.has_8bit_header);
    EXPECT_TRUE(parsed("Subject: 日本\r\n\r\nx").has_8bit_header);
    EXPECT_FALSE(parsed("Subject: 日本\r\n\r\nx").has_8bit_body);
    EXPECT_TRUE(parsed("Content-Type: message/rfc822\r\n\r\nSubject: 日本\r\n\r\nx").has_8bit_body);
}

TEST(Structure, TakesLongAndSpecialBoundaries) {
    for (const std::string& boundary : {std::string(kBoundaryBytesMax, 'x'), std::string("----=_Part_1.2"),
                                        std::string("--"), std::string("a b"), std::string("a--")}) {
        std::string message = "Content-Type: multipart/mixed; boundary=\"";
        message.append(boundary).append("\"\r\n\r\n--").append(boundary);
        message.append("\r\n\r\nx\r\n--").append(boundary).append("--\r\n");
        const Structure structure = parse_structure(message);
        ASSERT_EQ(outline(structure.root), "multipart/mixed(text/plain)") << boundary;
        EXPECT_EQ(body_of(message, structure.root.children[0]), "x");
    }
    const std::string too_long =
        "Content-Type: multipart/mixed; boundary=" + std::string(kBoundaryBytesMax + 1, 'x') + "\r\n\r\n";
    EXPECT_EQ(outline(parse_structure(too_long).root), "text/plain");
    const std::string long_line = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--" +
                                  std::string(5'000, '-') + "\r\n--b" + std::string(5'000, ' ') + "\r\n--b--\r\n";
    const Structure structure = parse_structure(long_line);
    EXPECT_EQ(outline(structure.root), "multipart/mixed(text/plain)");
    EXPECT_EQ(structure.root.children[0].body_length, 2 + 5'000 + 2 + 3 + 5'000);
}

TEST(Structure, StopsAtItsLimits) {
    std::string nested;
    for (std::size_t depth = 0; depth < 2 * kNestingMax; ++depth)
        nested += "Content-Type: multipart/mixed; boundary=b" + std::to_string(depth) + "\r\n\r\n--b" +
                  std::to_string(depth) + "\r\n";
    const Structure deep = parse_structure(nested);
    EXPECT_TRUE(deep.limited);
    expect_sound(nested, deep.root, 0, nested.size());

    std::string messages;
    for (std::size_t depth = 0; depth < 2 * kNestingMax; ++depth)
        messages += "Content-Type: message/rfc822\r\n\r\n";
    const Structure forwarded = parse_structure(messages);
    EXPECT_TRUE(forwarded.limited);
    expect_sound(messages, forwarded.root, 0, messages.size());

    std::string many = "Content-Type: multipart/digest; boundary=b\r\n\r\n";
    for (std::size_t at = 0; at < kPartsMax; ++at)
        many += "--b\r\n\r\nSubject: x\r\n\r\ny\r\n";
    const Structure wide = parse_structure(many);
    EXPECT_TRUE(wide.limited);
    expect_sound(many, wide.root, 0, many.size());

    std::string heavy = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int at = 0; at < 100; ++at)
        heavy += "--b\r\nContent-Description: " + std::string(100'000, 'd') + "\r\n\r\nx\r\n";
    const Structure described = parse_structure(heavy);
    EXPECT_TRUE(described.limited);
    EXPECT_EQ(described.root.children.size(), 100U);
    EXPECT_TRUE(described.root.children.front().description);
    EXPECT_FALSE(described.root.children.back().description);

    const std::string header = "X: " + std::string(2 * kHeaderBytesMax, 'x') + "\r\n\r\nbody";
    const Structure large = parse_structure(header);
    EXPECT_TRUE(large.limited);
    EXPECT_EQ(body_of(header, large.root), "body");
    EXPECT_EQ(large.header_bytes.size(), kHeaderBytesMax);
}

TEST(Structure, IsTheSameForRandomMessagesInRandomPieces) {
    SeededRandom random(23 + tegami::testing::chance().value_or(0));
    const std::string_view pieces[] = {"--a\r\n",
                                       "--a--\r\n",
                                       "--b\n",
                                       "--b--",
                                       "\r\n",
                                       "\n",
                                       "\r",
                                       "-",
                                       "--",
                                       "x",
                                       "Content-Type: multipart/mixed; boundary=a\r\n",
                                       "Content-Type: multipart/digest; boundary=b\n",
                                       "Content-Type: message/rfc822\r\n",
                                       "Content-Type: text/html\r\n",
                                       "Subject: \xe6\x97\xa5\r\n",
                                       " folded\r\n",
                                       "text line\r\n"};
    for (int round = 0; round < 8'000; ++round) {
        std::string message;
        for (auto left = random.below(30); left > 0; --left)
            message += pieces[random.below(std::size(pieces))];
        const Structure whole = parse_structure(message);
        expect_sound(message, whole.root, 0, message.size());
        ASSERT_EQ(whole.root.end(), message.size());
        StructureParser parser;
        for (std::size_t at = 0; at < message.size();) {
            const std::size_t length = 1 + random.below(9);
            parser.feed(std::string_view(message).substr(at, length));
            at += length;
        }
        ASSERT_EQ(parser.finish(), whole) << message;
    }
}

} // namespace
} // namespace tegami::message
