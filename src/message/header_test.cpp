#include "message/header.h"

#include "message/envelope.h"
#include "message/message_id.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

TEST(Header, FindsFieldsWithTheirOctets) {
    const std::string_view message = "From: a@b.test\r\nSubject: one\r\n two\r\nsubject:three\r\n\r\nbody: no\r\n";
    const Header header(message);
    ASSERT_EQ(header.fields().size(), 3U);
    EXPECT_TRUE(header.has_end());
    EXPECT_EQ(message.substr(header.size()), "body: no\r\n");
    EXPECT_EQ(header.text(header.fields()[1]), "Subject: one\r\n two\r\n");
    EXPECT_EQ(header.name(header.fields()[1]), "Subject");
    EXPECT_EQ(header.raw_value(header.fields()[1]), " one\r\n two");
    EXPECT_EQ(header.value("SUBJECT"), "one two");
    EXPECT_EQ(header.find_all("Subject").size(), 2U);
    EXPECT_EQ(header.value("Missing"), std::nullopt);
}

TEST(Header, TakesBareLineFeeds) {
    const Header header("A: 1\nB: 2\n 3\n\nbody");
    EXPECT_EQ(header.value("A"), "1");
    EXPECT_EQ(header.value("B"), "2 3");
    EXPECT_EQ(header.size(), "A: 1\nB: 2\n 3\n\n"sv.size());
}

TEST(Header, LosesNothingThatIsNoField) {
    const Header header("From mbox@x.test Sun Nov 22\r\nA : 1\r\nno colon\r\nB C: 2\r\n: 3\r\n\xe9: 4\r\nD: 5");
    std::string all;
    for (const HeaderField& field : header.fields())
        all += header.text(field);
    EXPECT_EQ(all.size(), header.size());
    EXPECT_EQ(header.value("A"), "1");
    EXPECT_EQ(header.value("D"), "5");
    EXPECT_FALSE(header.has_end());
    for (const std::size_t at : {0, 2, 3, 4, 5})
        EXPECT_EQ(header.name(header.fields()[at]), "") << at;
}

TEST(Header, PassesOverAByteOrderMark) {
    const std::string_view message = "Received: x\r\n\xef\xbb\xbfSubject: one\r\n two\r\nFrom: a@b.test\r\n\r\nbody";
    for (const std::string_view each : {message, message.substr(13)}) {
        const Header header(each);
        EXPECT_EQ(header.value("Subject"), "one two");
        EXPECT_EQ(header.value("From"), "a@b.test");
        EXPECT_EQ(each.substr(header.size()), "body");
        std::string all;
        for (const HeaderField& field : header.fields())
            all += header.text(field);
        EXPECT_EQ(all, each.substr(0, header.size() - 2)) << "nothing is lost";
    }
    for (const auto* odd : {"\xef\xbb\xbf", "\xef\xbb\xbf\r\n\r\n", "\xef\xbb\xbf x: y\r\n\r\n"})
        EXPECT_EQ(Header(odd).size(), std::string_view(odd).size());
}

TEST(Header, KnowsWhereItEnds) {
    EXPECT_EQ(Header("").size(), 0U);
    EXPECT_EQ(Header("\r\nbody").size(), 2U);
    EXPECT_EQ(Header("\nbody").size(), 1U);
    EXPECT_EQ(Header("A: 1\r\n \r\n\r\nbody").size(), "A: 1\r\n \r\n\r\n"sv.size());
    EXPECT_EQ(Header("A: 1\r\n\rB: 2\r\n\r\n").size(), "A: 1\r\n\rB: 2\r\n\r\n"sv.size());
    EXPECT_EQ(Header(" starts with space\r\nA: 1\r\n\r\n").value("A"), "1");
    EXPECT_EQ(Header("A: 1\r\nB:").value("B"), "");
    EXPECT_EQ(Header("A:\0x\r\n\r\n"sv).value("A"), "\0x"sv);
}

TEST(Header, StopsRecordingAtItsLimits) {
    std::string many;
    for (std::size_t at = 0; at < kHeaderFieldsMax + 10; ++at)
        many += "A: 1\r\n";
    many += "\r\n";
    const Header header(many);
    EXPECT_EQ(header.fields().size(), kHeaderFieldsMax);
    EXPECT_TRUE(header.truncated());
    EXPECT_EQ(header.size(), many.size());

    const std::string large = "A: 1\r\nB: " + std::string(kHeaderBytesMax, 'x') + "\r\nC: 2\r\n\r\n";
    const Header second(large);
    EXPECT_EQ(second.fields().size(), 1U);
    EXPECT_EQ(second.size(), large.size());
}

TEST(Header, GoesBackOverItsOctets) {
    const std::string_view message = "A: 1\r\nB: 2\r\n\r\n";
    Header first(message);
    const std::size_t size = first.size();
    const Header again(message, std::move(first).take_fields(), size);
    EXPECT_EQ(again.value("B"), "2");
}

TEST(MessageId, ReadsIds) {
    EXPECT_EQ(parse_message_ids("<a@b> (comment <no@id>) <c@d>\r\n <a@b>"), (std::vector<std::string>{"a@b", "c@d"}));
    EXPECT_EQ(parse_message_ids("<broken\r\n @fold>"), std::vector<std::string>{"broken@fold"});
    EXPECT_EQ(parse_message_ids("a@b c@d"), (std::vector<std::string>{"a@b", "c@d"}));
    EXPECT_EQ(parse_message_ids("Your message of Monday <x@y>"), std::vector<std::string>{"x@y"});
    EXPECT_EQ(parse_message_ids("<no-at-sign>"), std::vector<std::string>{"no-at-sign"});
    EXPECT_EQ(parse_message_ids("<a@b<c@d>"), (std::vector<std::string>{"a@b", "c@d"}));
    EXPECT_EQ(parse_message_ids("<a@b"), std::vector<std::string>{"a@b"});
    EXPECT_TRUE(parse_message_ids("<> < > nothing").empty());
    EXPECT_EQ(parse_message_id(" <first@x> <second@x>"), "first@x");
    EXPECT_EQ(parse_message_id(""), std::nullopt);
}

TEST(MessageId, KeepsTheLastOnes) {
    std::string value;
    for (std::size_t at = 0; at < kMessageIdsMax + 5; ++at)
        value += "<" + std::to_string(at) + "@x>";
    const auto ids = parse_message_ids(value);
    ASSERT_EQ(ids.size(), kMessageIdsMax);
    EXPECT_EQ(ids.front(), "5@x");
    EXPECT_TRUE(parse_message_ids("<" + std::string(kMessageIdBytesMax + 1, 'x') + ">").empty());
    for (const std::string_view piece : {"<"sv, "("sv, "<a"sv, "\\"sv, "<a>"sv}) {
        std::string hostile;
        while (hostile.size() < 512 * 1024)
            hostile += piece;
        EXPECT_LE(parse_message_ids(hostile).size(), kMessageIdsMax);
    }
}

TEST(Envelope, FillsSenderAndReplyToFromFrom) {
    const Envelope envelope = parse_envelope(Header("From: A <a@x.test>\r\nSender:\r\nTo: b@x.test\r\nTo: c@x.test\r\n"
                                                    "Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\nSubject:\r\n\r\n"));
    EXPECT_EQ(envelope.sender, envelope.from);
    EXPECT_EQ(envelope.reply_to, envelope.from);
    EXPECT_EQ(envelope.to.size(), 2U);
    EXPECT_EQ(envelope.date, "Mon, 7 Feb 1994 21:52:25 -0800 (PST)");
    EXPECT_EQ(envelope.subject, "");
    EXPECT_EQ(envelope.message_id, std::nullopt);
    EXPECT_TRUE(envelope.cc.empty());
}

} // namespace
} // namespace tegami::message
