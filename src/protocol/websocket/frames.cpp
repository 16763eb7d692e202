#include "protocol/websocket/frames.h"

#include "base/assert.h"

#include <algorithm>
#include <array>

namespace tegami::websocket {

namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xa;

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kOpcode = 0x0f;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7f;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

std::unexpected<Fault> protocol_error(std::string_view reason) {
    return failure(Fault{CloseCode::protocol_error, reason});
}

std::uint8_t octet_at(std::string_view octets, std::size_t at) {
    return static_cast<std::uint8_t>(octets[at]);
}

std::uint64_t number(std::string_view octets) {
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < octets.size(); ++at)
        value = value << 8U | octet_at(octets, at);
    return value;
}

/// Undoes the mask (RFC 6455 §5.3); returns the one for what follows.
std::uint32_t unmask(std::string& octets, std::uint32_t mask) {
    const std::array<std::uint8_t, 4> key{static_cast<std::uint8_t>(mask >> 24U),
                                          static_cast<std::uint8_t>(mask >> 16U), static_cast<std::uint8_t>(mask >> 8U),
                                          static_cast<std::uint8_t>(mask)};
    for (std::size_t at = 0; at < octets.size(); ++at)
        octets[at] = static_cast<char>(octet_at(octets, at) ^ key[at % 4]);
    const auto turned = static_cast<unsigned>(octets.size() % 4) * 8;
    return turned == 0 ? mask : mask << turned | mask >> (32 - turned);
}

/// Codes that may be on the wire (RFC 6455 §7.4).
bool is_close_code(std::uint64_t code) {
    const bool registered = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
    return registered || (code >= 3000 && code < 5000);
}

Result<Close, Fault> parse_close(std::string_view payload) {
    if (payload.empty()) return Close{};
    if (payload.size() == 1) return protocol_error("half of a close code");
    const std::uint64_t code = number(payload.substr(0, 2));
    if (!is_close_code(code)) return protocol_error("no close code");
    return Close{static_cast<std::uint16_t>(code)};
}

void append_number(std::string& out, std::uint64_t value, unsigned octets) {
    while (octets-- > 0)
        out += static_cast<char>(value >> (8U * octets) & 0xffU);
}

std::string encode(std::uint8_t opcode, std::string_view payload) {
    std::string frame;
    frame.reserve(payload.size() + 10);
    frame += static_cast<char>(kFinal | opcode);
    if (payload.size() < kLength16) {
        frame += static_cast<char>(payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(kLength16);
        append_number(frame, payload.size(), 2);
    } else {
        frame += static_cast<char>(kLength64);
        append_number(frame, payload.size(), 8);
    }
    return frame += payload;
}

std::string encode_control(std::uint8_t opcode, std::string_view payload) {
    ASSERT(payload.size() <= kControlBytesMax);
    return encode(opcode, payload);
}

} // namespace

struct FrameReader::Header {
    std::uint8_t opcode = 0;
    bool final = false;
    std::uint64_t length = 0;
    std::uint32_t mask = 0;

    bool is_control() const { return opcode >= kClose; }
};

Result<std::optional<FrameReader::Header>, Fault> FrameReader::take_header(std::string_view& octets) const {
    constexpr std::size_t kMaskOctets = 4;
    if (octets.size() < 2) return std::nullopt;
    const std::uint8_t first = octet_at(octets, 0);
    const std::uint8_t second = octet_at(octets, 1);
    Header header{.opcode = static_cast<std::uint8_t>(first & kOpcode), .final = (first & kFinal) != 0};
    if ((first & kReserved) != 0) return protocol_error("an extension that was not agreed on");
    if ((second & kMasked) == 0) return protocol_error("a client's frame without a mask");
    const std::uint8_t said = second & kLength;
    switch (header.opcode) {
    case kBinary: return failure(Fault{CloseCode::unsupported_data, "messages are text"});
    case kText:
        if (in_message_) return protocol_error("a message within another");
        break;
    case kContinuation:
        if (!in_message_) return protocol_error("no message to go on with");
        break;
    case kClose:
    case kPing:
    case kPong:
        if (!header.final || said > kControlBytesMax) return protocol_error("a control frame that is too large");
        break;
    default: return protocol_error("an unknown kind of frame");
    }
    const std::size_t length_octets = said == kLength64 ? 8 : said == kLength16 ? 2 : 0;
    if (octets.size() < 2 + length_octets + kMaskOctets) return std::nullopt;
    header.length = length_octets == 0 ? said : number(octets.substr(2, length_octets));
    // RFC 6455 §5.2: in as few octets as it takes, and the first bit of eight is zero.
    const std::uint64_t least = said == kLength64 ? 0x10000 : said == kLength16 ? kLength16 : 0;
    if (header.length < least || header.length >> 63U != 0) return protocol_error("a length that is written wrongly");
    header.mask = static_cast<std::uint32_t>(number(octets.substr(2 + length_octets, kMaskOctets)));
    const std::size_t header_octets = 2 + length_octets + kMaskOctets;
    if (header.is_control() && octets.size() < header_octets + header.length) return std::nullopt;
    octets.remove_prefix(header_octets);
    return header;
}

TextPiece FrameReader::take_payload(std::string_view& octets) {
    const std::size_t size = std::min<std::uint64_t>(left_, octets.size());
    TextPiece piece{.octets = std::string(octets.substr(0, size))};
    octets.remove_prefix(size);
    left_ -= size;
    mask_ = unmask(piece.octets, mask_);
    in_frame_ = left_ != 0;
    piece.last = !in_frame_ && last_frame_;
    if (piece.last) in_message_ = false;
    return piece;
}

Result<std::optional<Event>, Fault> FrameReader::take(std::string_view& octets) {
    for (;;) {
        if (in_frame_) {
            if (octets.empty()) return std::nullopt;
            return take_payload(octets);
        }
        TRY(const std::optional<Header> header, take_header(octets));
        if (!header) return std::nullopt;
        if (header->is_control()) {
            std::string payload(octets.substr(0, header->length));
            octets.remove_prefix(header->length);
            unmask(payload, header->mask);
            if (header->opcode == kPing) return Ping{std::move(payload)};
            if (header->opcode == kPong) return Pong{};
            TRY(const Close close, parse_close(payload));
            return close;
        }
        in_message_ = true;
        last_frame_ = header->final;
        left_ = header->length;
        mask_ = header->mask;
        in_frame_ = left_ != 0;
        if (!in_frame_ && last_frame_) return take_payload(octets); // an empty end
    }
}

std::string encode_text(std::string_view message) {
    return encode(kText, message);
}

std::string encode_ping() {
    return encode_control(kPing, {});
}

std::string encode_pong(std::string_view payload) {
    return encode_control(kPong, payload);
}

std::string encode_close(CloseCode code, std::string_view reason) {
    std::string payload;
    append_number(payload, static_cast<std::uint16_t>(code), 2);
    return encode_control(kClose, payload += reason);
}

} // namespace tegami::websocket
