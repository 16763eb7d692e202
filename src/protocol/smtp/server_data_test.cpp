// RFC 5321 §4.5.2 and §2.3.8 in the session: line ends, sizes, and that no message can hide another (smuggling).
#include "protocol/smtp/server_driver_twin_fixture.h"
#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kUntilData = "EHLO a.test\r\nMAIL FROM:<alice@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\n";
const std::string kBareRefused = "550 5.6.11 The message has line ends other than CR LF\r\n";

struct Outcome {
    std::string said;
    std::vector<std::string> messages;
    bool closed = false;

    bool operator==(const Outcome&) const = default;
};

/// What comes of this text after DATA, the same for every split.
Outcome sent(std::string_view text, const ServerLimits& limits = {}) {
    std::optional<Outcome> result;
    testing::for_every_split(text, [&](const std::vector<std::string_view>& pieces) {
        ServerDriverTwin driver({.host_name = "mx.b.test", .limits = limits});
        driver.feed(kUntilData);
        driver.output.clear();
        for (const std::string_view piece : pieces)
            driver.feed(piece);
        Outcome outcome{.said = driver.output, .closed = driver.closed};
        for (const ReceivedMessage& message : driver.accepted)
            outcome.messages.push_back(message.bytes);
        if (!result) result = outcome;
        EXPECT_EQ(outcome, *result);
    });
    return *result;
}

TEST(SmtpData, EmptyMessage) {
    const Outcome outcome = sent(".\r\n");
    EXPECT_EQ(outcome.messages, std::vector<std::string>{""});
    EXPECT_EQ(outcome.said, "250 2.0.0 Accepted\r\n");
}

TEST(SmtpData, OctetsArriveAsTheyWere) {
    const std::string eight_bit = "\xe3\x81\x82\xff\x80 \t .\r\n";
    EXPECT_EQ(sent(eight_bit + "..\r\n...x\r\n.y\r\n\r\n.\r\n").messages,
              std::vector<std::string>{eight_bit + ".\r\n..x\r\ny\r\n\r\n"});
    EXPECT_EQ(sent(std::string("a\0b\r\n.\r\n", 8)).messages, std::vector<std::string>{std::string("a\0b\r\n", 5)});
}

TEST(SmtpData, VeryLongLinesStream) {
    ServerDriverTwin driver({.host_name = "mx.b.test"});
    driver.feed(kUntilData);
    std::size_t largest = 0;
    for (int round = 0; round < 1000; ++round)
        for (const ServerAction& action : driver.session.feed(std::string(1000, 'x')))
            largest = std::max(largest, std::get<MessageBytes>(action).bytes.size());
    EXPECT_EQ(largest, 1000U);
    driver.feed("\r\n.\r\n");
    EXPECT_EQ(driver.accepted.size(), 1U);
}

/// The known ways to end a message differently for two servers. Each text goes on with a whole second transaction.
TEST(SmtpData, NothingCanBeSmuggled) {
    const std::string smuggled = "MAIL FROM:<evil@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\nevil\r\n.\r\n";
    for (const std::string end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n\n.\r\n",
                                  "\r\r\n.\r\n", "\r\n.\r\r\n", "\n.\r"}) {
        const Outcome outcome = sent("innocent" + end + smuggled);
        // "\r\n.\r\n" behind another bare CR is a real end: the bare CR alone makes the first message faulty there.
        const bool really_ended = end == "\r\r\n.\r\n";
        if (really_ended) {
            EXPECT_THAT(outcome.said, ::testing::StartsWith(kBareRefused));
        } else {
            EXPECT_EQ(outcome.said, kBareRefused);
            EXPECT_TRUE(outcome.messages.empty());
        }
        for (const std::string& message : outcome.messages)
            EXPECT_THAT(message, Not(HasSubstr("innocent")));
    }
}

TEST(SmtpData, AFaultyMessageIsReadToItsTrueEnd) {
    const Outcome outcome = sent("a\nb\r\n.\r\nNOOP\r\n");
    EXPECT_EQ(outcome.said, kBareRefused + "250 2.0.0 OK\r\n");
    EXPECT_TRUE(outcome.messages.empty());
}

TEST(SmtpData, TheTransactionIsOverAfterARefusedMessage) {
    EXPECT_EQ(sent("a\nb\r\n.\r\nRCPT TO:<bob@b.test>\r\n").said, kBareRefused + "503 5.5.1 Say MAIL first\r\n");
}

TEST(SmtpData, BigMessagesAreRefusedAtTheirEnd) {
    ServerLimits limits;
    limits.message_bytes = 10;
    EXPECT_EQ(sent("12345678\r\n.\r\n", limits).messages, std::vector<std::string>{"12345678\r\n"});
    EXPECT_EQ(sent("123456789\r\n.\r\nNOOP\r\n", limits).said, "552 5.3.4 The message is too big\r\n250 2.0.0 OK\r\n");
    EXPECT_EQ(sent("..2345678\r\n.\r\n", limits).messages, std::vector<std::string>{".2345678\r\n"});
}

TEST(SmtpData, MessagesWithoutEndAreCutOff) {
    ServerLimits limits;
    limits.message_bytes = 1000;
    limits.refused_bytes = 10'000;
    ServerDriverTwin driver({.host_name = "mx.b.test", .limits = limits});
    driver.feed(kUntilData);
    for (int round = 0; round < 100 && !driver.closed; ++round)
        driver.feed(std::string(1000, 'x'));
    EXPECT_TRUE(driver.closed);
    EXPECT_THAT(driver.output, EndsWith("552 5.3.4 The message is too big\r\n"));
    EXPECT_FALSE(driver.message_open);
    EXPECT_TRUE(driver.accepted.empty());
}

} // namespace
} // namespace tegami::smtp
