// The transparency of RFC 5321 §4.5.2 on the sending side: a line that begins with "." gets another one, and "." alone
// ends the text. Works on any split of the octets.
// What reads DATA, with its rules about line ends, is data_reader.h.
#pragma once

#include <string>
#include <string_view>

namespace tegami::smtp {

/// Turns a message into what goes over the wire. Line ends are made CRLF: a bare LF becomes CRLF and so does a bare
/// CR, because nothing else may be sent (RFC 5321 §2.3.8). Octets of messages with correct lines are never changed.
class DotStuffingEncoder {
public:
    void append(std::string_view message_part, std::string& out);
    /// Ends the last line if need be, then the text: "." CRLF. The encoder begins anew.
    void finish(std::string& out);

private:
    enum class Previous : unsigned char { line_start, carriage_return, other };

    Previous previous_ = Previous::line_start;
};

} // namespace tegami::smtp
