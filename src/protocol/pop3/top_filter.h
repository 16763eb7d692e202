// TOP n (RFC 1939 §7): the header, the empty line, and the first n lines of the body. Pure and streaming: fed the
// message in any split, it says how many of the octets to pass on.
#pragma once

#include <cstdint>
#include <string_view>

namespace tegami::pop3 {

class TopFilter {
public:
    explicit TopFilter(std::uint32_t body_lines) : lines_left_(body_lines) {}

    /// The beginning of `message_part` that belongs to the answer.
    std::string_view pass(std::string_view message_part);

    /// Nothing more will be passed: the driver can stop reading.
    bool done() const { return in_body_ && lines_left_ == 0; }

private:
    std::uint32_t lines_left_;
    bool in_body_ = false;
    bool line_is_empty_ = true; // so far, not counting CR
};

} // namespace tegami::pop3
