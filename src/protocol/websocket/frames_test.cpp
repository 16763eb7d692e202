// RFC 6455 §5: frames of a client, whole and cut everywhere.
#include "protocol/websocket/frames.h"

#include "protocol/websocket/test_support.h"
#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tegami::websocket::testing {
namespace {

using ::testing::ElementsAre;

/// What comes, in words; a message is one however its pieces came.
std::vector<std::string> read(const std::vector<std::string_view>& pieces) {
    FrameReader reader;
    std::vector<std::string> heard;
    std::string rest;
    std::string message;
    for (const std::string_view piece : pieces) {
        rest += piece;
        std::string_view octets = rest;
        for (;;) {
            const auto taken = reader.take(octets);
            if (!taken) {
                heard.push_back("fault " + std::to_string(static_cast<int>(taken.error().code)));
                return heard;
            }
            if (!*taken) break;
            if (const auto* const text = std::get_if<TextPiece>(&**taken)) {
                message += text->octets;
                if (text->last) heard.push_back("text " + std::exchange(message, {}));
            } else if (const auto* const ping = std::get_if<Ping>(&**taken)) {
                heard.push_back("ping " + ping->payload);
            } else if (const auto* const close = std::get_if<Close>(&**taken)) {
                heard.push_back("close " + (close->code ? std::to_string(*close->code) : "-"));
                return heard;
            } else {
                heard.emplace_back("pong");
            }
        }
        rest.erase(0, rest.size() - octets.size());
    }
    return heard;
}

std::vector<std::string> read(const std::string& octets) {
    const std::vector<std::string> whole = read(std::vector<std::string_view>{octets});
    tegami::testing::for_every_split(octets, [&](const std::vector<std::string_view>& pieces) {
        EXPECT_EQ(read(pieces), whole) << ::testing::PrintToString(pieces);
    });
    return whole;
}

TEST(WebSocketFrames, MessagesComeWholeAndInFragments) {
    EXPECT_THAT(read("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), ElementsAre("text Hello")) << "RFC 6455 §5.7";
    EXPECT_THAT(read(client_text("") + client_text("a")), ElementsAre("text ", "text a"));
    const std::string in_fragments = client_frame(0x01, "one ") + client_frame(0x89, "now") + client_frame(0x00, "") +
                                     client_frame(0x00, "two") + client_frame(0x8a, "") + client_frame(0x80, "");
    EXPECT_THAT(read(in_fragments), ElementsAre("ping now", "pong", "text one two"));
}

TEST(WebSocketFrames, LengthsAreOfThreeKinds) {
    for (const std::size_t size : {125U, 126U, 65'535U, 65'536U}) {
        const std::string message(size, 'x');
        const std::string frame = client_text(message);
        EXPECT_THAT(read(std::vector<std::string_view>{frame}), ElementsAre("text " + message));
        std::string sent = encode_text(message);
        EXPECT_EQ(take_server_frame(sent)->payload, message);
        EXPECT_EQ(sent, "");
    }
}

TEST(WebSocketFrames, WhatAClientMustNotSendSaysHowToClose) {
    const std::string mask = "\x01\x02\x03\x04";
    for (const auto& [octets, code] : std::vector<std::pair<std::string, std::string>>{
             {client_frame(0x82, "binary"), "1003"},
             {client_frame(0x02, ""), "1003"},
             {client_frame(0xc1, "compressed"), "1002"},
             {client_frame(0x83, ""), "1002"},
             {client_frame(0x8b, ""), "1002"},
             {std::string("\x81\x01x", 3), "1002"}, // no mask
             {client_frame(0x80, "nothing before"), "1002"},
             {client_frame(0x01, "a") + client_frame(0x81, "b"), "1002"},
             {client_frame(0x09, "in fragments"), "1002"},
             {client_frame(0x89, std::string(126, 'x')), "1002"},
             {std::string("\x81\xfe\x00\x7d", 4) + mask, "1002"},              // 125 in two octets
             {std::string("\x81\xff\0\0\0\0\0\0\xff\xff", 10) + mask, "1002"}, // 65535 in eight
             {std::string("\x81\xff\x80\0\0\0\0\x01\0\0", 10) + mask, "1002"}, // the first bit
             {client_frame(0x88, "x"), "1002"},
             {client_frame(0x88, std::string("\x03\xed", 2)), "1002"}, // 1005 is not on the wire
             {client_frame(0x88, std::string("\x07\xd0", 2)), "1002"}})
        EXPECT_THAT(read(octets), ElementsAre("fault " + code)) << ::testing::PrintToString(octets);
}

TEST(WebSocketFrames, AClosedConnectionSaysNoMore) {
    EXPECT_THAT(read(client_frame(0x88, "") + client_text("late")), ElementsAre("close -"));
    EXPECT_THAT(read(client_frame(0x88, std::string("\x03\xe8") + "bye")), ElementsAre("close 1000"));
    EXPECT_THAT(read(client_frame(0x88, std::string("\x0f\xa0", 2))), ElementsAre("close 4000"));
    EXPECT_EQ(encode_close(CloseCode::unsupported_data, "text"), std::string("\x88\x06\x03\xeb") + "text");
    EXPECT_EQ(encode_pong("now") + encode_ping(), std::string("\x8a\x03now\x89\0", 7));
}

} // namespace
} // namespace tegami::websocket::testing
