// What a peer sent and nobody has read yet, and the lines in it. A line that is too long is skipped as it comes: the
// buffer holds no more than its limits and what is added at once.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::lines {

class LineBuffer {
public:
    struct Line {
        std::string text; ///< without its end; empty if it was too long
        bool ends_in_crlf = false;
        bool too_long = false;
    };

    /// Why there is no line.
    enum class Lack : std::uint8_t {
        unfinished, ///< its end has not come yet
        endless,    ///< more than `skipped_bytes_max` of a line that is too long have come
    };

    explicit LineBuffer(std::size_t skipped_bytes_max) : skipped_bytes_max_(skipped_bytes_max) {}

    void add(std::string_view octets) { octets_ += octets; }

    /// Not read yet.
    std::string_view waiting() const { return std::string_view(octets_).substr(used_); }

    /// The next line; with its end it has at most `bytes_max` octets, or it is too long. LF alone ends a line too.
    Result<Line, Lack> take_line(std::size_t bytes_max);

    /// The first `count` octets of waiting() are read.
    void take(std::size_t count) { used_ += count; }

    /// Some octets of a line have come and its end has not.
    bool in_line() const { return skipping_ || !waiting().empty(); }

    bool skipping() const { return skipping_; }

    /// Gives back the memory of what was read, when that is worth it.
    void compact();

private:
    std::size_t skipped_bytes_max_;
    std::string octets_;
    std::size_t used_ = 0;
    bool skipping_ = false; ///< the rest of a line that was too long
    std::size_t skipped_bytes_ = 0;
};

} // namespace tegami::lines
