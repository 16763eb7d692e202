#include "message/build.h"

#include "base/ascii.h"
#include "message/encoded_word.h"
#include "message/structure.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::message {
namespace {

DateTime some_date() {
    return *parse_date("Sun, 22 Nov 2026 20:54:16 +0900");
}

EmailAddress address(std::string_view text) {
    return *parse_email_address(text);
}

bool is_seven_bit(std::string_view text) {
    return std::none_of(text.begin(), text.end(), ascii::is_high);
}

/// The longest line without its line end.
std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    for (const std::string_view line : ascii::split(text, '\n'))
        longest = std::max(longest, line.ends_with('\r') ? line.size() - 1 : line.size());
    return longest;
}

TEST(HeaderWriter, FoldsAndEncodes) {
    HeaderWriter writer;
    std::string subject;
    for (int at = 0; at < 40; ++at)
        subject += "日本語の件名";
    writer.text("Subject", subject);
    writer.addresses("To", {header_address(address("taro@例え.jp"), "山田 太郎"),
                            header_address(address("\"a b\"@x.test"), "Doe, J.")});
    writer.date("Date", some_date());
    const Header header(writer.str());
    EXPECT_EQ(header.fields().size(), 3U);
    EXPECT_LE(longest_line(writer.str()), 78U);
    EXPECT_TRUE(is_seven_bit(writer.str()));
    EXPECT_EQ(decode_encoded_words(*header.value("Subject")), subject);
    const auto to = parse_address_list(*header.value("To"));
    ASSERT_EQ(to.size(), 2U);
    EXPECT_EQ(decode_encoded_words(to[0].name), "山田 太郎");
    EXPECT_EQ(to[0].domain, "xn--r8jz45g.jp");
    EXPECT_EQ(to[1].name, "Doe, J.");
    EXPECT_EQ(to[1].local_part, "a b");
    EXPECT_EQ(parse_date(*header.value("Date")), some_date());
}

TEST(HeaderWriter, LetsNoValueBecomeAField) {
    HeaderWriter writer;
    writer.text("Subject", "x\r\nBcc: evil@x.test\r\n\r\nbody");
    writer.raw("X-Raw", "y\nBcc: evil@x.test");
    writer.addresses("To", {{.name = "a\r\nBcc: e@x.test", .local_part = "l\r\nX: y", .domain = "x.test\r\n\r\n"}});
    const Header header(writer.str());
    EXPECT_EQ(header.fields().size(), 3U);
    EXPECT_FALSE(header.contains("Bcc"));
    EXPECT_FALSE(header.has_end());
}

TEST(HeaderWriter, BreaksEndlessWords) {
    HeaderWriter writer(true);
    writer.raw("X-Long", std::string(5'000, 'x') + " " + std::string(3'000, 'y'));
    std::string japanese;
    for (int at = 0; at < 2'000; ++at)
        japanese += "日";
    writer.text("Subject", japanese);
    EXPECT_LE(longest_line(writer.str()), 998U);
    EXPECT_EQ(Header(writer.str()).fields().size(), 2U);
}

TEST(HeaderWriter, WritesGroupsAndUtf8) {
    HeaderWriter writer(true);
    writer.addresses("To", parse_address_list("Friends: a@x.test, 太郎 <太郎@例え.jp>;, b@y.test"));
    EXPECT_EQ(writer.str(), "To: Friends: a@x.test, 太郎 <太郎@例え.jp>;, b@y.test\r\n");
    const auto again = parse_address_list(*Header(writer.str()).value("To"));
    EXPECT_EQ(again, parse_address_list("Friends: a@x.test, 太郎 <太郎@例え.jp>;, b@y.test"));
}

DeliveryReport report() {
    DeliveryReport report{.from_name = "Mail Delivery System",
                          .from = address("postmaster@a.test"),
                          .to = address("alice@a.test"),
                          .subject = "Your message could not be delivered: 日本",
                          .date = some_date(),
                          .message_id = "dsn1@a.test",
                          .explanation = "Hello,\nthe address does not exist.\nアドレスがありません。",
                          .reporting_mta = "mx.a.test",
                          .original_envelope_id = "QQ314159",
                          .arrival_date = some_date(),
                          .original_message_id = "orig@a.test",
                          .recipients = {{.final_recipient = "bob@b.test",
                                          .original_recipient = "rfc822;bob@b.test",
                                          .status = "5.1.1",
                                          .remote_mta = "mx.b.test",
                                          .diagnostic = "550 5.1.1 No such\r\nuser here",
                                          .last_attempt = some_date(),
                                          .will_retry_until = some_date()}},
                          .returned = "From: alice@a.test\r\nSubject: hi\r\n\r\n",
                          .boundary = "=_boundary1"};
    return report;
}

// RFC 3464 §2, RFC 6522 §3
TEST(DeliveryReport, HasThreeParts) {
    const std::string message = build_delivery_report(report());
    const Structure structure = parse_structure(message);
    ASSERT_EQ(structure.root.children.size(), 3U);
    EXPECT_TRUE(structure.root.content_type.is("multipart", "report"));
    EXPECT_EQ(structure.root.content_type.parameter("report-type"), "delivery-status");
    EXPECT_TRUE(is_seven_bit(message));
    EXPECT_EQ(structure.envelope.in_reply_to, "<orig@a.test>");
    EXPECT_EQ(Header(message).value("Auto-Submitted"), "auto-replied");
    EXPECT_EQ(decode_encoded_words(*structure.envelope.subject), "Your message could not be delivered: 日本");

    const Part& text = structure.root.children[0];
    EXPECT_EQ(decode_transfer(message.substr(text.body_offset, text.body_length), text.encoding),
              "Hello,\r\nthe address does not exist.\r\nアドレスがありません。\r\n");
    const Part& status = structure.root.children[1];
    EXPECT_TRUE(status.content_type.is("message", "delivery-status"));
    EXPECT_EQ(message.substr(status.body_offset, status.body_length),
              "Original-Envelope-Id: QQ314159\r\n"
              "Reporting-MTA: dns; mx.a.test\r\n"
              "Arrival-Date: Sun, 22 Nov 2026 20:54:16 +0900\r\n"
              "\r\n"
              "Original-Recipient: rfc822;bob@b.test\r\n"
              "Final-Recipient: rfc822; bob@b.test\r\n"
              "Action: failed\r\n"
              "Status: 5.1.1\r\n"
              "Remote-MTA: dns; mx.b.test\r\n"
              "Diagnostic-Code: smtp; 550 5.1.1 No such  user here\r\n"
              "Last-Attempt-Date: Sun, 22 Nov 2026 20:54:16 +0900\r\n");
    const Part& returned = structure.root.children[2];
    EXPECT_TRUE(returned.content_type.is("text", "rfc822-headers"));
    EXPECT_EQ(message.substr(returned.body_offset, returned.body_length), report().returned);
}

TEST(DeliveryReport, ReturnsWholeMessages) {
    DeliveryReport full = report();
    full.return_kind = DeliveryReport::Return::full;
    full.returned = "Subject: hi\r\n\r\ncaf\xe9\r\n";
    full.recipients.front().action = DeliveryAction::delayed;
    const std::string message = build_delivery_report(full);
    const Structure structure = parse_structure(message);
    const Part& returned = structure.root.children.at(2);
    EXPECT_EQ(returned.kind, PartKind::message);
    EXPECT_EQ(returned.encoding, TransferEncoding::eight_bit);
    EXPECT_EQ(message.substr(returned.body_offset, returned.body_length), full.returned);
    EXPECT_TRUE(message.contains("Action: delayed\r\n"));
    EXPECT_TRUE(message.contains("Will-Retry-Until: "));
}

// RFC 6533 §3, §4
TEST(DeliveryReport, CarriesInternationalAddressesBothWays) {
    DeliveryReport international = report();
    international.recipients.front().final_recipient = "太郎@例え.jp";
    international.recipients.front().original_recipient.reset();
    international.recipients.front().diagnostic = "550 5.1.1 太郎?";
    international.returned = "Subject: 日本\r\n\r\n";
    const std::string seven_bit = build_delivery_report(international);
    EXPECT_TRUE(is_seven_bit(seven_bit));
    EXPECT_TRUE(seven_bit.contains("Final-Recipient: utf-8; \\x{592A}\\x{90CE}@\\x{4F8B}\\x{3048}.jp\r\n"));
    const Structure structure = parse_structure(seven_bit);
    const Part& returned = structure.root.children.at(2);
    EXPECT_TRUE(returned.content_type.is("message", "global-headers"));
    EXPECT_EQ(decode_transfer(seven_bit.substr(returned.body_offset, returned.body_length), returned.encoding),
              international.returned);

    international.smtputf8 = true;
    const std::string utf8 = build_delivery_report(international);
    EXPECT_TRUE(utf8.contains("Content-Type: message/global-delivery-status\r\n"));
    EXPECT_TRUE(utf8.contains("Final-Recipient: utf-8; 太郎@例え.jp\r\n"));
    EXPECT_TRUE(utf8.contains("Subject: Your message could not be delivered: 日本\r\n"));
}

TEST(MissingFields, AreFoundAndAdded) {
    const MissingFields none = missing_fields(Header("date: x\r\nFROM: a\r\nMessage-Id: <x>\r\n\r\n"));
    EXPECT_FALSE(none.date || none.from || none.message_id);
    EXPECT_EQ(fields_to_add(none, some_date(), "id@x", address("a@x.test")), "");
    const MissingFields all = missing_fields(Header("Subject: x\r\n\r\nDate: in the body\r\n"));
    EXPECT_EQ(fields_to_add(all, some_date(), "id@x", address("a@x.test")),
              "Date: Sun, 22 Nov 2026 20:54:16 +0900\r\nFrom: a@x.test\r\nMessage-ID: <id@x>\r\n");
}

} // namespace
} // namespace tegami::message
