#include "message/card.h"

#include "base/random.h"
#include "message/sort_key.h"
#include "message/text.h"
#include "testing/turns.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

constexpr std::string_view kMessage = "Date: Sun, 22 Nov 2026 20:54:16 +0900\r\n"
                                      "From: =?utf-8?B?5pel5pys?= <a@x.test>\r\n"
                                      "To: Friends: b@x.test, \"C D\" <@r.test:c@y.test>;\r\n"
                                      "Subject: =?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=\r\n"
                                      "Message-ID: <id@x.test>\r\n"
                                      "In-Reply-To: <parent@x.test>\r\n"
                                      "References: <root@x.test> <parent@x.test>\r\n"
                                      "MIME-Version: 1.0\r\n"
                                      "Content-Type: multipart/mixed; boundary=b\r\n"
                                      "\r\n"
                                      "--b\r\n"
                                      "Content-Type: text/plain; charset=ISO-2022-JP\r\n"
                                      "Content-Language: ja\r\n"
                                      "\r\n"
                                      "\x1b$BF|K\\8l$N%a!<%k\x1b(B\r\n"
                                      "--b\r\n"
                                      "Content-Type: message/rfc822\r\n"
                                      "Content-Disposition: attachment; filename*=utf-8''%E6%97%A5.eml\r\n"
                                      "\r\n"
                                      "Subject: inner\r\n"
                                      "\r\n"
                                      "\xff\r\n"
                                      "--b--\r\n";

TEST(Card, TellsWhatAMessageIs) {
    const Card card = make_card(parse_structure(kMessage));
    EXPECT_EQ(card.size, kMessage.size());
    EXPECT_EQ(kMessage.substr(card.header_size).substr(0, 3), "--b");
    ASSERT_TRUE(card.date);
    EXPECT_EQ(print_date(*card.date), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(card.message_id, "id@x.test");
    EXPECT_EQ(card.in_reply_to, std::vector<std::string>{"parent@x.test"});
    EXPECT_EQ(card.references, (std::vector<std::string>{"root@x.test", "parent@x.test"}));
    EXPECT_EQ(card.preview, "日本語のメール");
    EXPECT_EQ(card.root.children.size(), 2U);
    EXPECT_TRUE(card.has_8bit_body);
    EXPECT_FALSE(card.has_8bit_header);
    const Header header(kMessage, card.header_fields, card.header_size);
    EXPECT_EQ(header.value("In-Reply-To"), "<parent@x.test>");
}

TEST(Card, ComesBackAsItWasEncoded) {
    for (const std::string_view message : {kMessage, std::string_view(""), std::string_view("Subject:\r\n\r\n"),
                                           std::string_view("Date: 1 Jan 2026 00:00 -0000\r\nno colon\r\n\r\nx"),
                                           std::string_view("Content-Type: multipart/mixed; boundary=b\r\n\r\nnone")}) {
        const Card card = make_card(parse_structure(message));
        const auto decoded = decode_card(encode_card(card));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, card);
        Card head = card;
        head.header_fields = {};
        head.root = {};
        EXPECT_EQ(decode_card_head(encode_card(card)), head);
    }
}

TEST(Card, OfAFirstAddressEachIsSortedAsTheWhole) {
    for (const std::string_view from : {"a@x.test", "\"A, B\" <a@x.test>, b@x.test, c@x.test",
                                        "friends: a@x.test, b@x.test;, c@x.test", "nobody:;, <@r.test:a@x.test>"}) {
        StructureParser parser;
        parser.feed("From: " + std::string(from) + "\r\nTo: t@x.test, u@x.test\r\nSubject: re: x\r\n\r\n");
        const std::string octets = encode_card(make_card(parser.finish()));
        Card whole = decode_card_head(octets).value();
        const Card first = decode_card_head(octets, CardAddresses::first).value();
        EXPECT_EQ(sort_fields(first), sort_fields(whole));
        for (auto* list : {&whole.envelope.from, &whole.envelope.sender, &whole.envelope.reply_to, &whole.envelope.to})
            list->resize(1);
        EXPECT_EQ(first, whole) << from;
    }
}

/// Where a front meets the message, in all the shapes that headers have.
TEST(Card, IsTheSameWhetherTheFrontCameWithTheMessageOrWasPutThereAtTheEnd) {
    constexpr std::string_view kTrace =
        "Return-Path: <a@x.test>\r\nReceived: by mail.b.test (Tegami)\r\n\twith ESMTP;\r\n\tnow\r\n";
    const std::string missing = std::string(kTrace) + "Date: Sun, 22 Nov 2026 20:54:16 +0900\r\nFrom: <us@b.test>\r\n"
                                                      "Message-ID: <ours@b.test>\r\n";
    for (const std::string_view message :
         {kMessage, std::string_view(""), std::string_view("\r\n"), std::string_view("\r\nbody\r\n"),
          std::string_view("Subject:\r\n\r\n"), std::string_view("no header at all"),
          std::string_view("Subject: never ends"), std::string_view("Sender: s@x.test\r\n\r\nx"),
          std::string_view("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n"),
          std::string_view("Subject: \xe6\x97\xa5\r\n\r\nx")}) {
        for (const std::string& front :
             {std::string(), std::string(kTrace), missing, std::string("Return-Path: <\xe6\x97\xa5@x.test>\r\n")}) {
            // A field that the message has is not added (message::fields_to_add).
            if (front == missing && message == kMessage) continue;
            Card card = make_card(parse_structure(message));
            put_in_front(front, card);
            EXPECT_EQ(card.front_size, front.size());
            EXPECT_EQ(decode_card(encode_card(card)), card);
            Card expected = make_card(parse_structure(front + std::string(message)));
            expected.front_size = front.size();
            EXPECT_EQ(card, expected) << front << message;
        }
    }
}

TEST(Card, KeepsTheJourney) {
    Card card = make_card(parse_structure(kMessage));
    card.journey = "018bcfe56800abcdefgh2345";
    EXPECT_EQ(decode_card(encode_card(card)), card);
}

TEST(Card, HasTheFormatThatIsWrittenDown) {
    const Card card = make_card(parse_structure("Subject: x\r\n\r\ny\r\n"));
    using namespace std::string_literals;
    EXPECT_EQ(encode_card(card), "\x02\x00"s                 // version, flags
                                 "\x11\x0e"s                 // size 17, header 14
                                 "\x00\x00"s                 // nothing put in front, no journey
                                 "\x00\x00\x00"s             // no message id, nothing replied to, no references
                                 "\x01y"s                    // preview
                                 "\x00\x02x"s                // envelope: no date, subject
                                 "\x00\x00\x00\x00\x00\x00"s // no addresses
                                 "\x00\x00"s                 // in-reply-to, message-id
                                 "\x01\x00\x0c\x07\x08\x02"s // one field: 12 octets, name of 7, value at 8 of 2
                                 "\x00\x00\x0e\x03\x01"s     // text part at 0, header 14, body 3, 1 line
                                 "\x04text\x05plain\x00"s    // type without parameters
                                 "\x00\x04"
                                 "7BIT"s
                                 "\x00\x00\x00\x00\x00\x00"s); // id, description, md5, location, disposition, languages
}

TEST(Card, RefusesWhatIsDamaged) {
    const std::string octets = encode_card(make_card(parse_structure(kMessage)));
    for (std::size_t length = 0; length < octets.size(); ++length)
        EXPECT_FALSE(decode_card(std::string_view(octets).substr(0, length))) << length;
    EXPECT_EQ(decode_card(octets + "x").error(), CardError::malformed);
    EXPECT_EQ(decode_card("\x01").error(), CardError::unknown_version);
    EXPECT_EQ(decode_card("").error(), CardError::malformed);
}

TEST(Card, SurvivesAnyChangeOfItsOctets) {
    const std::string octets = encode_card(make_card(parse_structure(kMessage)));
    SeededRandom random(29 + tegami::testing::chance().value_or(0));
    for (int round = 0; round < 5'000; ++round) {
        std::string damaged = octets;
        for (auto left = 1 + random.below(4); left > 0; --left)
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        const auto decoded = decode_card(damaged);
        // What is taken can be encoded again, and then means the same.
        if (decoded) {
            ASSERT_EQ(decode_card(encode_card(*decoded)), decoded);
        }
    }
}

TEST(Preview, OfALongTextIsWhatAllOfItWouldSay) {
    const auto preview = [](const std::string& text) {
        return make_card(parse_structure("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + text)).preview;
    };
    std::string quoted;
    std::string own;
    for (int line = 0; line < 200; ++line) {
        quoted += "> words of others, a whole line\r\n";
        own += "\x1b$BF|\x1b(B word\r\n";
    }
    EXPECT_EQ(preview(quoted + "answer\r\n"), "answer");
    EXPECT_EQ(preview(quoted).substr(0, 26), "> words of others, a whole");
    std::string expected = "日 word";
    while (expected.size() < 36 * 10 - 1) // 256 characters: 36 lines of seven and the first of the next
        expected += " 日 word";
    EXPECT_EQ(preview(own).substr(0, 100), expected.substr(0, 100));
    EXPECT_EQ(preview(own), preview(own + own));
}

TEST(Preview, ShowsTheFirstWords) {
    const auto preview = [](std::string_view message) { return make_card(parse_structure(message)).preview; };
    EXPECT_EQ(preview("A: 1\r\n\r\n  Hello,\r\n\r\n  world \xe2\x80\x8b\r\n-- \r\nsignature\r\n"), "Hello, world");
    EXPECT_EQ(preview("A: 1\r\n\r\n> quoted\r\nanswer\r\n"), "answer");
    EXPECT_EQ(preview("A: 1\r\n\r\n> only quoted\r\n"), "> only quoted");
    EXPECT_EQ(
        preview("Content-Type: text/html\r\n\r\n<html><head><title>T</title><style>p{}</style></head><body><p>A&amp;B"
                "<br>c &#x65e5; <!-- no --><b>d</b></p><script>x</script>e"),
        "A&B c 日 d e");
    EXPECT_EQ(
        preview("Content-Type: text/plain; charset=shift_jis\r\nContent-Transfer-Encoding: base64\r\n\r\nk/qWew==\r\n"),
        "日本");
    EXPECT_EQ(preview("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n \r\n--b\r\nContent-Type: "
                      "text/html\r\n\r\n"
                      "<p>html</p>\r\n--b--"),
              "html");
    std::string long_text = "A: 1\r\n\r\n";
    for (int at = 0; at < 1'000; ++at)
        long_text += "日";
    const std::string cut = preview(long_text);
    EXPECT_EQ(cut.size(), 3 * kPreviewCharactersMax);
    EXPECT_EQ(preview("Content-Type: image/png\r\n\r\nx"), "");
}

} // namespace
} // namespace tegami::message
