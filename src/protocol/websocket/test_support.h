// The client's side, for tests: frames with a mask, as a test wants them to be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::websocket::testing {

inline std::string length_of(std::size_t size, std::uint8_t with) {
    std::string text;
    const unsigned octets = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
    text += static_cast<char>(with | (octets == 0 ? size : octets == 2 ? 126 : 127));
    for (unsigned at = octets; at-- > 0;)
        text += static_cast<char>(size >> (8 * at) & 0xffU);
    return text;
}

/// A frame of a client: its first octet, and a payload that is masked.
inline std::string client_frame(unsigned first, std::string_view payload) {
    constexpr std::string_view kMask = "\x37\xfa\x21\x3d";
    std::string frame(1, static_cast<char>(first));
    frame += length_of(payload.size(), 0x80);
    frame += kMask;
    for (std::size_t at = 0; at < payload.size(); ++at)
        frame += static_cast<char>(payload[at] ^ kMask[at % 4]);
    return frame;
}

inline std::string client_text(std::string_view message) {
    return client_frame(0x81, message);
}

/// What a server sends.
struct ServerFrame {
    unsigned opcode = 0;
    std::string payload;
};

/// Takes the first whole frame out of `octets`.
inline std::optional<ServerFrame> take_server_frame(std::string& octets) {
    const auto at = [&](std::size_t place) { return static_cast<std::uint8_t>(octets[place]); };
    if (octets.size() < 2) return std::nullopt;
    const std::size_t count = at(1) == 127 ? 8 : at(1) == 126 ? 2 : 0;
    if (octets.size() < 2 + count) return std::nullopt;
    std::size_t size = count == 0 ? at(1) : 0;
    for (std::size_t place = 0; place < count; ++place)
        size = size << 8U | at(2 + place);
    if (octets.size() < 2 + count + size) return std::nullopt;
    ServerFrame frame{at(0) & 0x0fU, octets.substr(2 + count, size)};
    octets.erase(0, 2 + count + size);
    return frame;
}

} // namespace tegami::websocket::testing
