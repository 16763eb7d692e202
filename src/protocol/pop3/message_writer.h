// A message as the answer to RETR and TOP (RFC 1939 §3, §7): lines end in CRLF, a line that begins with "." gets
// another one, "." alone ends it; TOP n stops n lines into the body. Pure and streaming: fed the message in any split.
// Octets of messages with correct line ends are never changed; a bare CR or LF becomes CRLF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::pop3 {

class MessageWriter {
public:
    /// Without `top_lines` the whole message is written.
    explicit MessageWriter(std::optional<std::uint32_t> top_lines = std::nullopt) : lines_left_(top_lines) {}

    /// Appends what these octets are on the wire.
    void append(std::string_view message_part, std::string& out);
    /// Ends the last line if need be, then the answer.
    void finish(std::string& out);

    /// TOP has all it wants: more octets change nothing, the driver can stop reading.
    bool done() const { return in_body_ && lines_left_ == 0U; }

private:
    void end_line(std::string& out);

    std::optional<std::uint32_t> lines_left_;
    bool in_body_ = false;
    bool line_start_ = true;
    bool after_carriage_return_ = false;
};

} // namespace tegami::pop3
