#include "message/disposition_report.h"

#include "message/build.h"
#include "message/structure.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

DispositionFields some_fields() {
    return {.reporting_ua = "joes-pc.cs.example.com; Foomail 97.1",
            .gateway = {},
            .original_recipient = "rfc822; Joe@example.com",
            .final_recipient = "rfc822; joe_recipient@example.com",
            .original_message_id = "<199509192301.23456@example.org>",
            .mode = {.type = DispositionType::displayed},
            .errors = {"one", "two"},
            .extensions = {{"X-Colour", "green"}}};
}

// RFC 8098 §9
TEST(DispositionReport, ReadsTheExampleOfTheStandard) {
    const auto fields = parse_notification("Reporting-UA: joes-pc.cs.example.com; Foomail 97.1\r\n"
                                           "Original-Recipient: rfc822;Joe_Recipient@example.com\r\n"
                                           "Final-Recipient: rfc822;Joe_Recipient@example.com\r\n"
                                           "Original-Message-ID: <199509192301.23456@example.org>\r\n"
                                           "Disposition: manual-action/MDN-sent-manually; displayed\r\n");
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->reporting_ua, "joes-pc.cs.example.com; Foomail 97.1");
    EXPECT_EQ(fields->final_recipient, "rfc822;Joe_Recipient@example.com");
    EXPECT_EQ(fields->original_message_id, "<199509192301.23456@example.org>");
    EXPECT_EQ(fields->mode, DispositionMode{});
}

TEST(DispositionReport, IsReadAsItWasWritten) {
    EXPECT_EQ(parse_notification(print_notification(some_fields())), some_fields());
    DispositionFields fields = some_fields();
    fields.mode = {.automatic_action = true, .sent_automatically = true, .type = DispositionType::deleted};
    fields.reporting_ua.reset();
    EXPECT_EQ(parse_notification(print_notification(fields)), fields);
}

TEST(DispositionReport, ModesAndModifiersAreReadInAnySpelling) {
    const auto mode = [](std::string_view text) -> std::optional<DispositionMode> {
        const auto fields = parse_notification("final-recipient: a\r\ndisposition:\r\n " + std::string(text) + "\r\n");
        return fields ? std::optional(fields->mode) : std::nullopt;
    };
    EXPECT_EQ(
        mode("AUTOMATIC-ACTION / mdn-sent-automatically ;Deleted/error, other"),
        (DispositionMode{.automatic_action = true, .sent_automatically = true, .type = DispositionType::deleted}));
    for (const char* const wrong : {"", "displayed", "manual-action; displayed", "manual-action/MDN-sent-manually",
                                    "manual-action/MDN-sent-manually; read", "other/MDN-sent-manually; displayed"})
        EXPECT_FALSE(mode(wrong)) << wrong;
}

TEST(DispositionReport, WhatIsNoNotificationIsNone) {
    for (const char* const wrong : {"", "\r\n", "Disposition: manual-action/MDN-sent-manually; displayed\r\n",
                                    "Final-Recipient: rfc822; a@b\r\n"})
        EXPECT_FALSE(parse_notification(wrong)) << wrong;
    std::string many = print_notification(some_fields());
    for (int number = 0; number < 1000; ++number)
        many += "X-More: " + std::string(100, 'a') + "\r\n";
    many += "X-Long: " + std::string(3000, 'a') + "\r\n";
    EXPECT_LE(parse_notification(many)->extensions.size(), kDispositionFieldsMax);
}

TEST(DispositionReport, ValuesAreOneLine) {
    EXPECT_TRUE(is_disposition_value("rfc822; a@b.test"));
    for (const std::string& wrong :
         {std::string(), std::string("a\r\nBcc: x"), std::string("a\tb"), std::string(" a"), std::string("\xc3\xa4"),
          std::string("a\0b", 3), std::string(kDispositionValueBytesMax + 1, 'a')})
        EXPECT_FALSE(is_disposition_value(wrong)) << wrong;
}

TEST(DispositionReport, IsAReportOfThreeParts) {
    DispositionReport report{.from = header_address(*parse_email_address("joe@b.test"), "Jörg"),
                             .to = {header_address(*parse_email_address("anna@a.test"))},
                             .subject = "Gelesen: Größe",
                             .date = *parse_date("Sun, 22 Nov 2026 20:54:16 +0900"),
                             .message_id = "1@b.test",
                             .original_message_id = "2@a.test",
                             .text = "Der Brief wurde angezeigt.\nÄ",
                             .fields = some_fields(),
                             .returns_message = true,
                             .returned_has_high_octets = true,
                             .boundary = "cut"};
    const std::string whole =
        begin_disposition_report(report) + "Subject: old\r\n\r\n\xc3\xa4\r\n" + end_disposition_report(report);
    const Structure structure = parse_structure(whole);
    ASSERT_EQ(structure.root.children.size(), 3U);
    EXPECT_TRUE(structure.root.content_type.is("multipart", "report"));
    EXPECT_TRUE(structure.root.children[0].content_type.is("text", "plain"));
    EXPECT_TRUE(structure.root.children[1].content_type.is("message", "disposition-notification"));
    EXPECT_TRUE(structure.root.children[2].content_type.is("message", "rfc822"));
    EXPECT_FALSE(structure.has_8bit_header);
    const Part& second = structure.root.children[1];
    EXPECT_EQ(parse_notification(std::string_view(whole).substr(second.body_offset, second.body_length)),
              some_fields());
    report.returns_message = false;
    EXPECT_EQ(parse_structure(begin_disposition_report(report)).root.children.size(), 2U);
}

} // namespace
} // namespace tegami::message
