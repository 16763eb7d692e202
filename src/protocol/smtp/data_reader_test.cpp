// RFC 5321 §4.5.2: against a reference that sees the whole text at once.
#include "protocol/smtp/data_reader.h"

#include "protocol/smtp/data_reference_fixture.h"
#include "protocol/smtp/dot_stuffing.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

#include <random>

namespace tegami::smtp {
namespace {

ReadText read_in(const std::vector<std::string_view>& pieces) {
    DataReader reader;
    ReadText text;
    for (const std::string_view piece : pieces) {
        if (text.ended) break;
        const DataReader::Progress progress = reader.read(piece, text.message);
        text.used += progress.used;
        text.ended = progress.ended;
    }
    text.faulty = reader.bare_line_end();
    if (text.faulty) text.message.clear();
    return text;
}

TEST(DataReader, AllShortTexts) {
    // Every text of up to seven octets of these four, which is every way the states can follow each other.
    constexpr std::string_view kOctets = "\r\n.a";
    for (std::size_t length = 0; length <= 7; ++length) {
        std::size_t count = 1;
        for (std::size_t octet = 0; octet < length; ++octet)
            count *= 4;
        for (std::size_t number = 0; number < count; ++number) {
            std::string text;
            for (std::size_t rest = number; text.size() < length; rest /= 4)
                text += kOctets[rest % 4];
            const ReadText expected = read_whole(text);
            ASSERT_EQ(read_in({text}), expected) << ::testing::PrintToString(text);
            std::vector<std::string_view> octets;
            for (std::size_t at = 0; at < text.size(); ++at)
                octets.push_back(std::string_view(text).substr(at, 1));
            ASSERT_EQ(read_in(octets), expected) << ::testing::PrintToString(text);
        }
    }
}

TEST(DataReader, EverySplitOfALongerText) {
    const std::string text = "Subject: x\r\n\r\n..one\r\n. two\r\n\r\n.\r\nQUIT\r\n";
    testing::for_every_split(text, [&](const std::vector<std::string_view>& pieces) {
        const ReadText read = read_in(pieces);
        EXPECT_EQ(read.message, "Subject: x\r\n\r\n.one\r\n two\r\n\r\n");
        EXPECT_TRUE(read.ended);
        EXPECT_EQ(text.substr(read.used), "QUIT\r\n");
    });
}

TEST(DataReader, CountsTheMessageWithoutItsDots) {
    DataReader reader;
    std::string out;
    reader.read("..a\r\nbc\r\n.\r\n", out);
    EXPECT_EQ(reader.message_bytes(), out.size());
    EXPECT_EQ(out, ".a\r\nbc\r\n");
}

TEST(DataReader, NothingIsKeptAfterAFault) {
    DataReader reader;
    std::string out;
    reader.read("good\r\nbad\nrest", out);
    const std::string before = out;
    EXPECT_FALSE(reader.read(" and more\r\n.\r\n", out).used == 0);
    EXPECT_EQ(out, before);
    EXPECT_TRUE(reader.bare_line_end());
}

TEST(DotStuffing, WhatIsEncodedIsRead) {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        std::string message;
        for (unsigned lines = random() % 6; lines > 0; --lines) {
            for (unsigned octets = random() % 5; octets > 0; --octets)
                message += ".ab\xff"[random() % 4];
            message += "\r\n";
        }
        testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
            DotStuffingEncoder encoder;
            std::string wire;
            for (const std::string_view piece : pieces)
                encoder.append(piece, wire);
            encoder.finish(wire);
            const ReadText read = read_in({wire});
            EXPECT_TRUE(read.ended);
            EXPECT_FALSE(read.faulty);
            EXPECT_EQ(read.used, wire.size());
            EXPECT_EQ(read.message, message);
        });
    }
}

TEST(DotStuffing, LineEndsAreMadeRight) {
    const auto encoded = [](std::string_view message) {
        std::optional<std::string> result;
        testing::for_every_split(message, [&](const std::vector<std::string_view>& pieces) {
            DotStuffingEncoder encoder;
            std::string wire;
            for (const std::string_view piece : pieces)
                encoder.append(piece, wire);
            encoder.finish(wire);
            if (!result) result = wire;
            EXPECT_EQ(wire, *result);
        });
        return *result;
    };
    EXPECT_EQ(encoded(""), ".\r\n");
    EXPECT_EQ(encoded("no end"), "no end\r\n.\r\n");
    EXPECT_EQ(encoded("a\n.b"), "a\r\n..b\r\n.\r\n");
    EXPECT_EQ(encoded("a\r.b\r"), "a\r\n..b\r\n.\r\n");
    EXPECT_EQ(encoded("\r\r\n\n."), "\r\n\r\n\r\n..\r\n.\r\n");
}

/// RFC 5322 §2.1.1 has 998 octets; Outlook and cron write more. To break them would break signatures (Exim's receivers
/// take them, only its own sending side counts).
TEST(DotStuffing, LongLinesGoOnAsTheyCame) {
    const std::string line = std::string(100'000, 'x') + ". " + std::string(100'000, 'y') + "\r\n";
    DotStuffingEncoder encoder;
    std::string wire;
    encoder.append("References: " + line + "\r\n" + line, wire);
    encoder.finish(wire);
    EXPECT_EQ(wire, "References: " + line + "\r\n" + line + ".\r\n");
}

TEST(DotStuffing, TheEncoderBeginsAnew) {
    DotStuffingEncoder encoder;
    std::string wire;
    encoder.append("a", wire);
    encoder.finish(wire);
    encoder.append(".b\r\n", wire);
    encoder.finish(wire);
    EXPECT_EQ(wire, "a\r\n.\r\n..b\r\n.\r\n");
}

} // namespace
} // namespace tegami::smtp
