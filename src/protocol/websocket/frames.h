// Frames of a WebSocket connection (RFC 6455 §5), on the server's side.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::websocket {

/// Limit: octets that a control frame carries (RFC 6455 §5.5).
inline constexpr std::size_t kControlBytesMax = 125;

/// Why a connection is closed (RFC 6455 §7.4.1, and 1013 of the registry that it opens).
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_data = 1007,
    policy_violation = 1008,
    too_large = 1009,
    internal_error = 1011,
    try_again_later = 1013,
};

/// A piece of a text message, as octets that may be no UTF-8.
struct TextPiece {
    std::string octets;
    bool last = false; ///< of its message

    bool operator==(const TextPiece&) const = default;
};

struct Ping {
    std::string payload; ///< which the pong has to bring back

    bool operator==(const Ping&) const = default;
};

struct Pong {
    bool operator==(const Pong&) const = default;
};

struct Close {
    std::optional<std::uint16_t> code; ///< if the client says one

    bool operator==(const Close&) const = default;
};

using Event = std::variant<TextPiece, Ping, Pong, Close>;

/// What a client did wrong: how the connection has to be closed.
struct Fault {
    CloseCode code;
    std::string_view reason;

    bool operator==(const Fault&) const = default;
};

class FrameReader {
public:
    /// Takes the next event from the front of `octets`; nothing: more must arrive, and what is left of `octets` has to be in
    /// front of it (at most a header, or a control frame). Not to be called again after a fault or a Close.
    Result<std::optional<Event>, Fault> take(std::string_view& octets);

private:
    struct Header;

    Result<std::optional<Header>, Fault> take_header(std::string_view& octets) const;
    TextPiece take_payload(std::string_view& octets);

    bool in_message_ = false; ///< the last frame of a message has not begun
    bool in_frame_ = false;   ///< its header was taken, and more of its payload comes
    bool last_frame_ = false; ///< of its message
    std::uint64_t left_ = 0;  ///< octets of this frame that are still to come
    std::uint32_t mask_ = 0;  ///< its first octet is the one for the next octet of the payload
};

/// A whole message, unmasked.
std::string encode_text(std::string_view message);
std::string encode_ping();
/// The answer to a ping; at most kControlBytesMax.
std::string encode_pong(std::string_view payload);
/// `reason` is short.
std::string encode_close(CloseCode code, std::string_view reason);

} // namespace tegami::websocket
