// RFC 3464: the report, read back with the parsers of message/.
#include "delivery/bounce.h"

#include "message/structure.h"
#include "message/transfer_encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::delivery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

store::QueueRecipient recipient(std::string_view address, std::string server, std::string reply) {
    store::QueueRecipient made{.address = message::parse_email_address(address).value()};
    made.state = store::RecipientState::failed;
    made.last_server = std::move(server);
    made.last_reply = std::move(reply);
    made.last_attempt = Timestamp(std::chrono::seconds(1'700'000'500));
    return made;
}

Bounce example() {
    Bounce bounce{.failed = {recipient("bob@b.test", "mail.b.test", "550 5.1.1 no such user"),
                             recipient("carol@c.test", "", "4.4.1 could not connect")},
                  .arrived = Timestamp(std::chrono::seconds(1'700'000'000)),
                  .subject = "Grüße",
                  .message_id = "m1@client.test",
                  .header = "From: alice@a.test\r\nSubject: x\r\n\r\n",
                  .host_name = "mail.a.test",
                  .from = message::parse_email_address("postmaster@a.test").value(),
                  .to = message::parse_email_address("alice@a.test").value(),
                  .now = Timestamp(std::chrono::seconds(1'700'001'000)),
                  .token = "abc123"};
    return bounce;
}

std::string body_of(const message::Part& part, const std::string& octets) {
    return octets.substr(part.body_offset, part.body_length);
}

TEST(Bounce, ShowsTheWordsOfOthersWhole) {
    const std::pair<std::string, std::string> cases[] = {
        {"550 \x93\x82", "550 \\x93\\x82"},
        {"550 \x1b[31mno", "550 \\x1b[31mno"},
        {"550 a\xe2\x80\xae"
         "b",
         "550 a\\u{202e}b"},
        {"550 a\xc2\x9b"
         "b",
         "550 a\\u{9b}b"},
        {"550 \xe2\x80\xa8no", "550 \\u{2028}no"},
    };
    for (const auto& [reply, shown] : cases) {
        Bounce bounce = example();
        bounce.failed = {recipient("bob@b.test", "mx.b.test", reply)};
        bounce.subject = reply;
        const std::string octets = build_bounce(bounce);
        EXPECT_THAT(octets, AllOf(HasSubstr("mx.b.test said: " + shown + "\r\n"),
                                  HasSubstr("Diagnostic-Code: smtp; " + shown + "\r\n"),
                                  HasSubstr("Your message \"" + shown + "\" could"), Not(HasSubstr(reply))));
    }
}

TEST(Bounce, IsAMultipartReportWithThreeParts) {
    const std::string octets = build_bounce(example());
    const message::Structure report = message::parse_structure(octets);
    EXPECT_FALSE(report.limited);
    ASSERT_EQ(report.root.children.size(), 3U);
    EXPECT_THAT(octets,
                AllOf(HasSubstr("multipart/report"), HasSubstr("report-type=delivery-status"),
                      HasSubstr("In-Reply-To: <m1@client.test>\r\n"), HasSubstr("Message-ID: <abc123@mail.a.test>\r\n"),
                      HasSubstr("To: alice@a.test\r\n"), HasSubstr("Auto-Submitted: ")));
    const std::string status = body_of(report.root.children[1], octets);
    EXPECT_THAT(status, AllOf(HasSubstr("Reporting-MTA: dns; mail.a.test\r\n"),
                              HasSubstr("Final-Recipient: rfc822; bob@b.test\r\n"),
                              HasSubstr("Remote-MTA: dns; mail.b.test\r\n"),
                              HasSubstr("Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"),
                              HasSubstr("Status: 5.1.1\r\n"), HasSubstr("Final-Recipient: rfc822; carol@c.test\r\n")));
    EXPECT_THAT(status, HasSubstr("Status: 5.4.1\r\n")) << "given up is permanent";
    EXPECT_THAT(body_of(report.root.children[2], octets), HasSubstr("From: alice@a.test\r\nSubject: x\r\n"));
    EXPECT_FALSE(report.has_8bit_header);
}

TEST(Bounce, BeginsWithPlainWords) {
    const std::string octets = build_bounce(example());
    const message::Structure report = message::parse_structure(octets);
    ASSERT_FALSE(report.root.children.empty());
    const message::Part& text = report.root.children.front();
    EXPECT_EQ(text.kind, message::PartKind::text);
    EXPECT_THAT(body_of(text, octets),
                AllOf(HasSubstr("There is no such address there."),
                      HasSubstr("mail.b.test said: 550 5.1.1 no such user"), HasSubstr("Their server did not answer")));
}

/// The text that a person reads, decoded.
std::string text_of(const Bounce& bounce) {
    const std::string octets = build_bounce(bounce);
    const message::Structure report = message::parse_structure(octets);
    const message::Part& text = report.root.children.front();
    return message::decode_transfer(body_of(text, octets), text.encoding);
}

TEST(Bounce, SpeaksTheLanguageOfTheLetter) {
    EXPECT_THAT(text_of(example()), Not(HasSubstr("配信")));

    const struct {
        std::string_view subject;
        std::string_view header;
        std::string_view to;
    } japanese[] = {
        {"会議のお知らせ", "From: alice@a.test\r\n\r\n", "alice@a.test"},
        {"見積", "From: alice@a.test\r\n\r\n", "alice@a.test"},
        {"Hello", "From: alice@a.test\r\nContent-Type: text/plain;\r\n charset=ISO-2022-JP\r\n\r\n", "alice@a.test"},
        {"Hello", "From: =?Shift_JIS?B?k/o=?= <alice@a.test>\r\n\r\n", "alice@a.test"},
        {"", "From: alice@a.test\r\nContent-Language: ja\r\n\r\n", "alice@a.test"},
        {"Hello", "From: alice@a.test\r\n\r\n", "alice@example.jp"},
    };

    for (const auto& [subject, header, to] : japanese) {
        Bounce bounce = example();
        bounce.subject = subject;
        bounce.header = header;
        bounce.to = message::parse_email_address(to).value();
        const std::string text = text_of(bounce);
        EXPECT_THAT(text, AllOf(HasSubstr("配信できませんでした"), HasSubstr("このアドレスはありません"),
                                HasSubstr("mail.b.test の応答：550 5.1.1 no such user"), HasSubstr("Nothing more"),
                                HasSubstr("There is no such address there.")))
            << header;
        EXPECT_LT(text.find("配信"), text.find("Your message"));
    }
}

TEST(Bounce, EveryLineEndsInCrlfAndFits) {
    Bounce bounce = example();
    bounce.failed[0].last_reply = "550 5.7.1 " + std::string(1900, 'x');
    const std::string octets = build_bounce(bounce);
    std::size_t begin = 0;
    while (begin < octets.size()) {
        const std::size_t end = octets.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 998U);
        EXPECT_EQ(octets.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
        begin = end + 2;
    }
}

TEST(Bounce, WordsOfTheOtherServerCannotBecomeFields) {
    Bounce bounce = example();
    bounce.failed[0].last_reply = "550 5.1.1 no\r\nAction: delivered\r\n\r\n--=_abc123--\r\n";
    const std::string octets = build_bounce(bounce);
    const message::Structure report = message::parse_structure(octets);
    ASSERT_EQ(report.root.children.size(), 3U);
    EXPECT_THAT(body_of(report.root.children[1], octets), Not(HasSubstr("\r\nAction: delivered")));
}

/// The number of attempts as it was, and no server named that said nothing.
TEST(Explain, SaysWhatIsTrue) {
    struct Case {
        std::string server;
        std::string reply;
        std::uint32_t attempts;
        std::string words;
    };

    const std::vector<Case> cases{
        {"", "5.4.4 the mail servers of b.test have no address", 1,
         "That domain has no server that could be reached. Please check how it is spelled.\r\n  The reason: 5.4.4 the "
         "mail servers of b.test have no address"},
        {"", "4.4.3 the mail servers of b.test cannot be looked up now", 12,
         "The name servers did not say where that domain receives mail. We tried 12 times.\r\n  The reason: 4.4.3 the "
         "mail servers of b.test cannot be looked up now"},
        {"", "4.4.1 mx.b.test did not answer", 1,
         "Their server did not answer. We tried once.\r\n  The reason: 4.4.1 mx.b.test did not answer"},
        {"mx.b.test", "554 not here", 1, "Their server did not take the message.\r\n  mx.b.test said: 554 not here"},
        {"mx.b.test", "450 4.2.0 later", 3,
         "The mailbox cannot take the message. We tried 3 times.\r\n  mx.b.test said: 450 4.2.0 later"},
        {"mx.b.test", "550 5.1.1 no such user", 7,
         "There is no such address there. Please check how it is spelled.\r\n  mx.b.test said: 550 5.1.1 no such user"},
        {"", "4.3.0 the sending server had a fault of its own", 2,
         "This server could not pass the message on. We tried 2 times.\r\n  The reason: 4.3.0 the sending server had a "
         "fault of its own"},
        {"", "5.7.1 no such letters", 0,
         "The administrators of this server did not send it on.\r\n  The reason: 5.7.1 no such letters"},
    };
    for (const Case& each : cases) {
        store::QueueRecipient to = recipient("b@b.test", each.server, each.reply);
        to.attempts = each.attempts;
        EXPECT_EQ(explain(to), each.words);
    }
}

TEST(Explain, CountsInJapanese) {
    store::QueueRecipient to = recipient("b@b.test", "", "4.4.1 mx.b.test did not answer");
    to.attempts = 12;
    EXPECT_EQ(explain(to, Language::japanese),
              "相手のサーバーが応答しませんでした。12 回試しました。\r\n  理由：4.4.1 mx.b.test did not answer");
}

TEST(Explain, NamesWhatTheStatusMeans) {
    EXPECT_THAT(explain(recipient("b@b.test", "mx", "452 4.2.2 full")), HasSubstr("The mailbox is full."));
    EXPECT_THAT(explain(recipient("b@b.test", "mx", "552 5.3.4 too big")), HasSubstr("too large"));
    EXPECT_THAT(explain(recipient("b@b.test", "mx", "550 no")), HasSubstr("did not take the message"));
    EXPECT_THAT(explain(recipient("b@b.test", "mx", "550 5.1.10 null MX")), HasSubstr("does not receive mail at all"));
    EXPECT_THAT(explain(recipient("b@b.test", "", "")), Not(HasSubstr("said")));
}

} // namespace
} // namespace tegami::delivery
