// LineJoiner (declared in text.h).
#include "base/ascii.h"
#include "message/text.h"

#include <unicode/utf8.h>

namespace tegami::message {
namespace {

/// Limit: octets between two characters that are looked at for a line end.
constexpr std::size_t kGapBytesMax = 100;

/// Characters of scripts that are written without spaces, and their punctuation. Korean has spaces.
bool is_wide(UChar32 c) {
    return (c >= 0x2e80 && c <= 0x2fff) || (c >= 0x3001 && c <= 0x312f) || (c >= 0x31a0 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff01 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff);
}

} // namespace

void LineJoiner::feed(std::string_view utf8, std::string& out) {
    const auto size = static_cast<int32_t>(utf8.size());
    for (int32_t at = 0; at < size;) {
        const int32_t start = at;
        while (!after_wide_ && at < size && !ascii::is_high(utf8[static_cast<std::size_t>(at)]))
            ++at;
        if (at > start) {
            // Other text goes through in one piece: no gap is open before it.
            out += utf8.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start));
            continue;
        }
        UChar32 c = 0;
        U8_NEXT(utf8.data(), at, size, c);
        const std::string_view character =
            utf8.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start));
        const bool is_line_end = c == '\n' && !gap_has_line_end_;
        const bool in_gap = c == ' ' || c == '\t' || c == '\r' || is_line_end || (c == '>' && gap_has_line_end_);
        if (after_wide_ && in_gap && gap_.size() < kGapBytesMax) {
            gap_ += character;
            gap_has_line_end_ = gap_has_line_end_ || is_line_end;
            continue;
        }
        const bool wide = is_wide(c);
        if (!gap_has_line_end_ || !wide) out += gap_;
        gap_.clear();
        gap_has_line_end_ = false;
        out += character;
        after_wide_ = wide;
    }
}

void LineJoiner::finish(std::string& out) {
    out += gap_;
    *this = LineJoiner();
}

} // namespace tegami::message
