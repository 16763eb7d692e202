#include "protocol/lines/line_buffer.h"

#include <utility>

namespace tegami::lines {

namespace {

/// Octets read are dropped when there are so many, so that long groups of commands are not moved again and again.
constexpr std::size_t kCompactBytes = 16 * 1024;

} // namespace

Result<LineBuffer::Line, LineBuffer::Lack> LineBuffer::take_line(std::size_t bytes_max) {
    const std::string_view octets = waiting();
    const std::size_t newline = octets.find('\n');
    if (newline == std::string_view::npos) {
        if (!skipping_ && octets.size() <= bytes_max) return failure(Lack::unfinished);
        skipping_ = true;
        skipped_bytes_ += octets.size();
        used_ = octets_.size();
        return failure(skipped_bytes_ > skipped_bytes_max_ ? Lack::endless : Lack::unfinished);
    }
    used_ += newline + 1;
    skipped_bytes_ = 0;
    if (std::exchange(skipping_, false) || newline + 1 > bytes_max) return Line{.too_long = true};
    const bool crlf = newline > 0 && octets[newline - 1] == '\r';
    return Line{.text = std::string(octets.substr(0, newline - (crlf ? 1 : 0))), .ends_in_crlf = crlf};
}

void LineBuffer::compact() {
    if (used_ >= kCompactBytes) {
        // Into a new buffer, by swap since assigning would keep the old one: who waits holds none of the size of the
        // last read.
        std::string(waiting()).swap(octets_);
        used_ = 0;
    } else if (used_ == octets_.size()) {
        octets_.clear();
        used_ = 0;
    }
}

} // namespace tegami::lines
