// Writes the log: one line for each event on standard error, `time level event name=value …`, where a service manager
// or a terminal picks it up. Values are quoted if they hold anything but plain characters.
//
// 1. Who writes an event never waits for the descriptor: lines wait in bounded memory for a thread that does, and that
//    writes those of two milliseconds together.
// 2. Lines for which there is no room are counted, and the count is told where they would have stood.
// 3. Destroying it writes what waits, as long as somebody takes it: a second in vain ends that. So does, for a moment, the
//    abort of the process (write_before_abort).
#pragma once

#include "admin/log_feed.h"
#include "base/log.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tegami::app {

/// Limit: octets of lines that wait to be written.
inline constexpr std::size_t kLogBytesWaitingMax = 1U << 20;

class LogWriter final : public Log {
public:
    /// The descriptor outlives it; 2 is standard error. So does `feed`, which gets each line, too; null: nobody follows.
    explicit LogWriter(LogOptions options = {}, int descriptor = 2, admin::LogFeed* feed = nullptr);
    ~LogWriter() override;
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    void write(LogLevel level, std::string_view event, LogFields fields) override;

    /// Lines for which there was no room, since the start.
    std::uint64_t lines_left_out() const;

    /// From now on the process waits up to a second for this log when it aborts (ASSERT, an exception that nobody
    /// takes). For the one log of a server.
    void write_before_abort();

private:
    class Queue;

    const LogOptions options_;
    admin::LogFeed* const feed_;
    const std::unique_ptr<Queue> queue_;
};

} // namespace tegami::app
