#include "protocol/pop3/message_writer.h"

#include "message/line_scan.h"

namespace tegami::pop3 {

/// Writes a line end and counts. The first empty line ends the header (RFC 5322 §2.1).
void MessageWriter::end_line(std::string& out) {
    out += "\r\n";
    if (in_body_) {
        if (lines_left_) --*lines_left_;
    } else if (line_start_) {
        in_body_ = true;
    }
    line_start_ = true;
}

void MessageWriter::append(std::string_view message_part, std::string& out) {
    // As good as every message: there is nothing to change.
    const bool begins_plainly = !after_carriage_return_ && !(line_start_ && message_part.starts_with('.'));
    if (!lines_left_ && begins_plainly && message::has_only_crlf_and_no_dots(message_part)) {
        out += message_part;
        if (!message_part.empty()) line_start_ = message_part.ends_with('\n');
        return;
    }
    std::size_t at = 0;
    while (at < message_part.size()) {
        const char c = message_part[at];
        if (after_carriage_return_) {
            // The line end was written when the CR came; this LF belongs to it.
            after_carriage_return_ = false;
            if (c == '\n') {
                ++at;
                continue;
            }
        }
        if (done()) return;
        if (c == '\r' || c == '\n') {
            after_carriage_return_ = c == '\r';
            end_line(out);
            ++at;
            continue;
        }
        if (c == '.' && line_start_) out += '.';
        std::size_t end = at;
        while (end < message_part.size() && message_part[end] != '\r' && message_part[end] != '\n')
            ++end;
        out += message_part.substr(at, end - at);
        line_start_ = false;
        at = end;
    }
}

void MessageWriter::finish(std::string& out) {
    if (!line_start_) out += "\r\n";
    out += ".\r\n";
}

} // namespace tegami::pop3
