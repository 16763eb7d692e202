// Reads the text of DATA (RFC 5321 §4.5.2) as it arrives: removes dot-stuffing, finds the end, and finds line ends that
// are not CRLF. It holds no more than three octets.
//
// 1. Only CR LF "." CR LF (or "." CR LF at the very start) ends the text. Nothing else does, ever: if one server takes
//    LF "." LF for the end and another does not, a message can hide a second one (SMTP smuggling).
// 2. A bare CR or bare LF anywhere makes the text faulty; reading goes on to the true end, so that what follows is
//    read as the client meant it, and nothing of the text is delivered from there on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::smtp {

class DataReader {
public:
    struct Progress {
        /// How many of the octets given belong to the text, its end included.
        std::size_t used = 0;
        /// The end was reached; octets after `used` are commands.
        bool ended = false;
    };

    /// Appends the message's octets to `out` (until a fault).
    Progress read(std::string_view bytes, std::string& out);

    /// A bare CR or LF was seen.
    bool bare_line_end() const { return bare_line_end_; }

    /// Octets of the message so far, without transparency dots and the end.
    std::uint64_t message_bytes() const { return message_bytes_; }

private:
    enum class State : std::uint8_t { line_start, text, carriage_return, dot, dot_carriage_return, ended };

    void emit(std::string_view octets, std::string& out);
    std::size_t skip_plain(std::string_view bytes, std::size_t at, std::string& out);

    State state_ = State::line_start;
    bool bare_line_end_ = false;
    std::uint64_t message_bytes_ = 0;
};

} // namespace tegami::smtp
