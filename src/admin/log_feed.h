// The last lines of the log, for those who follow it.
//
// 1. Whoever writes a line never waits for somebody who reads: what is kept is bounded, and the oldest lines go first.
// 2. A reader holds nothing but the number of the last line that it had. Who is too slow misses lines, and learns how many.
#pragma once

#include "base/clock.h"
#include "base/log.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::admin {

/// Limit: lines that are kept, and octets of them.
inline constexpr std::size_t kLogLinesKept = 2000;
inline constexpr std::size_t kLogBytesKept = 1U << 20;
/// Limit: octets of one value.
inline constexpr std::size_t kLogValueBytesMax = 1000;
/// Limit: readers at one time.
inline constexpr std::size_t kLogReadersMax = 8;

struct LogLine {
    std::uint64_t number; ///< from 1 on since the start of the server
    Timestamp time;
    LogLevel level;
    std::string event;
    std::vector<std::pair<std::string, std::string>> fields{};
};

/// Which lines somebody wants; what is empty does not matter.
struct LogFilter {
    LogLevel least = LogLevel::debug;
    std::string service;
    std::string
        address; ///< of a client, an account, a sender or a recipient: a value that is this one, whatever its case
    std::string journey;

    bool takes(const LogLine& line) const;
};

/// From any thread.
class LogFeed {
public:
    /// A reader's place, until it is destroyed.
    class Place {
    public:
        explicit Place(LogFeed* feed) : feed_(feed) {}

        Place(Place&& other) noexcept : feed_(std::exchange(other.feed_, nullptr)) {}

        Place& operator=(Place&&) = delete;

        ~Place() {
            if (feed_ != nullptr) feed_->leave();
        }

    private:
        LogFeed* feed_;
    };

    struct Page {
        std::vector<std::shared_ptr<const LogLine>> lines; ///< in their order
        std::uint64_t left_out = 0;                        ///< lines before them that are gone
    };

    void add(Timestamp time, LogLevel level, std::string_view event, LogFields fields);
    /// No more lines are to be waited for: the server ends.
    void close();
    bool is_closed() const;

    /// The lines behind the one with this number, at most so many. A number that is not given yet is one of the server
    /// before: then all that are kept.
    Page lines_after(std::uint64_t number, std::size_t count_max) const;
    /// The number behind which the last `count` lines begin that the filter takes.
    std::uint64_t before_last(std::size_t count, const LogFilter& filter) const;

    /// A place to read; nothing if there are too many.
    std::optional<Place> enter();

private:
    void leave();

    mutable std::mutex guard_;
    std::deque<std::shared_ptr<const LogLine>> lines_;
    std::size_t bytes_ = 0;
    std::uint64_t newest_ = 0; ///< the number of the last line
    std::size_t readers_ = 0;
    bool closed_ = false;
};

/// "warning".
std::string_view to_string(LogLevel level);

} // namespace tegami::admin
