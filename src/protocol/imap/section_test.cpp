// RFC 9051 §6.4.5, §6.4.5.1; RFC 3516 §4
#include "protocol/imap/section.h"

#include "protocol/imap/parser.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

// The shape of RFC 9051 §6.4.5.1's example, smaller: 1 text, 2 base64, 3 message/rfc822 with 3.1 and 3.2 inside, 4
// multipart with 4.1, a message whose only part is text (4.1.1).
constexpr std::string_view kNested = "From: a@example.test\r\n"
                                     "Subject: outer\r\n"
                                     "\tfolded\r\n"
                                     "Content-Type: multipart/mixed; boundary=o\r\n"
                                     "\r\n"
                                     "--o\r\n"
                                     "Content-Type: text/plain\r\n"
                                     "\r\n"
                                     "one\r\n"
                                     "two\r\n"
                                     "--o\r\n"
                                     "Content-Type: application/octet-stream\r\n"
                                     "Content-Transfer-Encoding: base64\r\n"
                                     "\r\n"
                                     "AGFi\r\n"
                                     "--o\r\n"
                                     "Content-Type: message/rfc822\r\n"
                                     "\r\n"
                                     "Subject: inner\r\n"
                                     "To: b@example.test\r\n"
                                     "Content-Type: multipart/alternative; boundary=i\r\n"
                                     "\r\n"
                                     "--i\r\n"
                                     "\r\n"
                                     "plain\r\n"
                                     "--i\r\n"
                                     "Content-Type: text/html\r\n"
                                     "Content-Transfer-Encoding: x-strange\r\n"
                                     "\r\n"
                                     "<p>\r\n"
                                     "--i--\r\n"
                                     "\r\n"
                                     "--o\r\n"
                                     "Content-Type: multipart/mixed; boundary=m\r\n"
                                     "\r\n"
                                     "--m\r\n"
                                     "Content-Type: message/rfc822\r\n"
                                     "\r\n"
                                     "Subject: deep\r\n"
                                     "\r\n"
                                     "deepest\r\n"
                                     "--m--\r\n"
                                     "--o--\r\n";

/// What FETCH would send for an item; "NIL" if there is no such section.
std::string fetched(std::string_view octets, std::string_view item) {
    const Result<TaggedCommand, ParseError> command = parse_command("a FETCH 1 " + std::string(item), {});
    EXPECT_TRUE(command.has_value()) << item;
    if (!command) return {};
    const FetchBody body = std::get<FetchBody>(std::get<Fetch>(command->command).items.front());
    const message::Structure structure = message::parse_structure(octets);
    const SectionPlan plan = plan_section(structure.root, body);
    if (const auto* send = std::get_if<SendRange>(&plan))
        return std::string(octets.substr(send->range.offset, send->range.length));
    if (const auto* filter = std::get_if<FilterHeader>(&plan)) {
        const std::string text =
            filter_header(octets.substr(filter->header.offset, filter->header.length), body.section);
        return std::string(clipped(text, body.partial));
    }
    return "NIL";
}

std::string fetched(std::string_view item) {
    return fetched(kNested, item);
}

TEST(Section, WholeMessage) {
    const std::size_t body = kNested.find("--o\r\n");
    EXPECT_EQ(fetched("BODY[]"), kNested);
    EXPECT_EQ(fetched("RFC822"), kNested);
    EXPECT_EQ(fetched("BODY[HEADER]"), kNested.substr(0, body));
    EXPECT_EQ(fetched("RFC822.HEADER"), kNested.substr(0, body));
    EXPECT_EQ(fetched("BODY[TEXT]"), kNested.substr(body));
    EXPECT_EQ(fetched("RFC822.TEXT"), kNested.substr(body));
}

TEST(Section, Parts) {
    EXPECT_EQ(fetched("BODY[1]"), "one\r\ntwo");
    EXPECT_EQ(fetched("BODY[1.MIME]"), "Content-Type: text/plain\r\n\r\n");
    EXPECT_EQ(fetched("BODY[2]"), "AGFi");
    EXPECT_EQ(fetched("BODY[3.1]"), "plain");
    EXPECT_EQ(fetched("BODY[3.1.MIME]"), "\r\n");
    EXPECT_EQ(fetched("BODY[3.2]"), "<p>");
    EXPECT_EQ(fetched("BODY[3.HEADER]"), "Subject: inner\r\nTo: b@example.test\r\n"
                                         "Content-Type: multipart/alternative; boundary=i\r\n\r\n");
    EXPECT_EQ(fetched("BODY[3.TEXT]").substr(0, 12), "--i\r\n\r\nplain");
    EXPECT_EQ(fetched("BODY[3]"), fetched("BODY[3.HEADER]") + fetched("BODY[3.TEXT]"));
    EXPECT_EQ(fetched("BODY[3.MIME]"), "Content-Type: message/rfc822\r\n\r\n");
    EXPECT_EQ(fetched("BODY[4.1.1]"), "deepest");
    EXPECT_EQ(fetched("BODY[4.1.1.MIME]"), "Subject: deep\r\n\r\n");
    EXPECT_EQ(fetched("BODY[4.1.HEADER]"), "Subject: deep\r\n\r\n");
    EXPECT_EQ(fetched("BODY[4.1.TEXT]"), "deepest");
}

TEST(Section, WhatDoesNotExistIsNil) {
    for (const std::string_view item : {"BODY[5]", "BODY[1.1]", "BODY[1.HEADER]", "BODY[1.TEXT]", "BODY[4.HEADER]",
                                        "BODY[3.3]", "BODY[4.1.2]", "BODY[1.HEADER.FIELDS (Subject)]"})
        EXPECT_EQ(fetched(item), "NIL") << item;
}

TEST(Section, MessageWithoutPartsHasPartOne) {
    constexpr std::string_view kPlain = "Subject: x\r\n\r\nbody\r\n";
    EXPECT_EQ(fetched(kPlain, "BODY[1]"), "body\r\n");
    EXPECT_EQ(fetched(kPlain, "BODY[1.MIME]"), "Subject: x\r\n\r\n");
    EXPECT_EQ(fetched(kPlain, "BODY[2]"), "NIL");
    EXPECT_EQ(fetched(kPlain, "BODY[1.HEADER]"), "NIL");
    EXPECT_EQ(fetched("", "BODY[]"), "");
    EXPECT_EQ(fetched("", "BODY[TEXT]"), "");
}

TEST(Section, HeaderFields) {
    EXPECT_EQ(fetched("BODY[HEADER.FIELDS (subject X-None)]"), "Subject: outer\r\n\tfolded\r\n\r\n");
    EXPECT_EQ(fetched("BODY[HEADER.FIELDS.NOT (SUBJECT Content-Type)]"), "From: a@example.test\r\n\r\n");
    EXPECT_EQ(fetched("BODY[HEADER.FIELDS (X-None)]"), "\r\n");
    EXPECT_EQ(fetched("BODY[3.HEADER.FIELDS (To)]"), "To: b@example.test\r\n\r\n");
    EXPECT_EQ(fetched("BODY[HEADER.FIELDS (From)]<3.6>"), "m: a@e");
    EXPECT_EQ(fetched("Subject: x\r\n", "BODY[HEADER.FIELDS (Subject)]"), "Subject: x\r\n");
}

// What HEADER.FIELDS takes, HEADER.FIELDS.NOT leaves, and the other way round.
TEST(Section, HeaderFieldsAndTheirOpposite) {
    const std::string whole = fetched("BODY[HEADER]");
    for (const std::string_view fields :
         {"(Subject)", "(From Content-Type)", "(X-None)", "(from subject content-type)"}) {
        const std::string with = fetched("BODY[HEADER.FIELDS " + std::string(fields) + "]");
        const std::string without = fetched("BODY[HEADER.FIELDS.NOT " + std::string(fields) + "]");
        EXPECT_EQ(with.size() + without.size(), whole.size() + 2) << fields;
    }
}

// RFC 9051 §6.4.5: a partial that starts beyond the end gives an empty string.
TEST(Section, Partials) {
    EXPECT_EQ(fetched("BODY[1]<0.3>"), "one");
    EXPECT_EQ(fetched("BODY[1]<4.100>"), "\ntwo");
    EXPECT_EQ(fetched("BODY[1]<8.1>"), "");
    EXPECT_EQ(fetched("BODY[1]<1000.1>"), "");
    EXPECT_EQ(fetched("BODY[]<9223372036854775807.9223372036854775807>"), "");
    EXPECT_EQ(fetched("BODY[]<1.9223372036854775807>"), kNested.substr(1));
}

TEST(Section, BinaryPlans) {
    const message::Structure structure = message::parse_structure(kNested);
    const Result<BinaryPlan, BinaryError> encoded = plan_binary(structure.root, {2});
    ASSERT_TRUE(encoded.has_value());
    EXPECT_EQ(encoded->encoding, message::TransferEncoding::base64);
    EXPECT_FALSE(encoded->identity);
    EXPECT_EQ(kNested.substr(encoded->encoded.offset, encoded->encoded.length), "AGFi");
    EXPECT_TRUE(plan_binary(structure.root, {1})->identity);
    EXPECT_TRUE(plan_binary(structure.root, {4})->identity);
    EXPECT_EQ(plan_binary(structure.root, {})->encoded, (OctetRange{0, kNested.size()}));
    EXPECT_EQ(plan_binary(structure.root, {3, 2}).error(), BinaryError::unknown_encoding);
    EXPECT_EQ(plan_binary(structure.root, {9}).error(), BinaryError::no_such_part);
}

} // namespace
} // namespace tegami::imap
