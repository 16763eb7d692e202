#include "protocol/smtp/dot_stuffing.h"

namespace tegami::smtp {

void DotStuffingEncoder::append(std::string_view message_part, std::string& out) {
    std::size_t at = 0;
    while (at < message_part.size()) {
        const char c = message_part[at];
        if (previous_ == Previous::carriage_return) {
            // The CR was held back until now: whatever follows, it ends a line.
            out += "\r\n";
            previous_ = Previous::line_start;
            if (c == '\n') ++at;
            continue;
        }
        if (c == '\r') {
            previous_ = Previous::carriage_return;
            ++at;
        } else if (c == '\n') {
            out += "\r\n";
            previous_ = Previous::line_start;
            ++at;
        } else {
            if (c == '.' && previous_ == Previous::line_start) out += '.';
            std::size_t end = at;
            while (end < message_part.size() && message_part[end] != '\r' && message_part[end] != '\n')
                ++end;
            out += message_part.substr(at, end - at);
            previous_ = Previous::other;
            at = end;
        }
    }
}

void DotStuffingEncoder::finish(std::string& out) {
    if (previous_ != Previous::line_start) out += "\r\n";
    out += ".\r\n";
    previous_ = Previous::line_start;
}

} // namespace tegami::smtp
