#include "app/server/log_writer.h"

#include "base/ascii.h"
#include "base/visible.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>

namespace tegami::app {

namespace {

/// Limit: octets of one value; longer ones are cut.
constexpr std::size_t kValueBytesMax = 1000;
/// Limit: how often, at the end, the other end may take nothing for kLookMilliseconds before the rest is given up.
constexpr int kLooksAtTheEnd = 10;
constexpr int kLookMilliseconds = 100;

std::string_view name_of(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: break;
    }
    return "error";
}

bool is_plain(char c) {
    return ascii::is_vchar(c) && c != '"' && c != '=';
}

/// The value so that nothing in it can end the line or look like another field.
std::string in_quotes(std::string_view value) {
    if (!value.empty() && value.size() <= kValueBytesMax && std::ranges::all_of(value, is_plain))
        return std::string(value);
    std::string text;
    for (const char c : value.substr(0, kValueBytesMax)) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return fmt::format("\"{}{}\"", visible(text), value.size() > kValueBytesMax ? "…" : "");
}

std::string line_of(LogLevel level, std::string_view text) {
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    const long minutes = local.tm_gmtoff / 60;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}{}{:02}:{:02} {} {}\n", local, milliseconds % 1000,
                       minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60, name_of(level), text);
}

} // namespace

/// The lines that wait, and the thread that writes them.
class LogWriter::Queue {
public:
    explicit Queue(int descriptor) : descriptor_(descriptor), thread_([this] { run(); }) {}

    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    ~Queue() {
        const Queue* self = this;
        before_abort_.compare_exchange_strong(self, nullptr);
        {
            const std::lock_guard lock(guard_);
            stopping_ = true;
        }
        arrived_.notify_one();
        thread_.join();
    }

    void add(std::string_view line) {
        {
            const std::lock_guard lock(guard_);
            if (waiting_.size() + line.size() > kLogBytesWaitingMax) {
                ++left_out_;
                return;
            }
            waiting_ += line;
            unwritten_ = true;
        }
        arrived_.notify_one();
    }

    void write_before_abort() {
        before_abort_ = this;
        std::signal(SIGABRT, [](int) {
            // In a signal handler: no lock, no memory. abort() ends the process when this returns.
            const Queue* const queue = before_abort_;
            const timespec pause{.tv_sec = 0, .tv_nsec = 10'000'000};
            for (int wait = 0; wait < 100 && queue != nullptr && queue->unwritten_; ++wait)
                ::nanosleep(&pause, nullptr);
        });
    }

private:
    /// Blocks until all is written; gives up when the other end is gone, or when it takes nothing and the log is to end.
    void write_all(std::string_view text) {
        int in_vain = 0;
        while (!text.empty() && in_vain < kLooksAtTheEnd) {
            pollfd writable{descriptor_, POLLOUT, 0};
            if (::poll(&writable, 1, kLookMilliseconds) <= 0) {
                in_vain = stopping_ ? in_vain + 1 : 0;
                continue;
            }
            in_vain = 0;
            // A pipe that can be written takes so many octets without waiting.
            const ssize_t written = ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
            if (written >= 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR && errno != EAGAIN) {
                return;
            }
        }
    }

    void run() {
        std::unique_lock lock(guard_);
        for (;;) {
            arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            std::string text = std::exchange(waiting_, {});
            if (const std::uint64_t count = std::exchange(left_out_, 0); count != 0)
                text += line_of(LogLevel::warning, format("lines of this log were left out: it is not read fast enough",
                                                          std::array{LogField("count", count)}));
            lock.unlock();
            write_all(text);
            lock.lock();
            unwritten_ = !waiting_.empty();
        }
    }

    static inline std::atomic<const Queue*> before_abort_ = nullptr;

    const int descriptor_;
    std::mutex guard_;
    std::condition_variable arrived_;
    std::string waiting_;
    std::uint64_t left_out_ = 0;
    std::atomic<bool> stopping_ = false; // set under guard_
    std::atomic<bool> unwritten_ = false;
    std::thread thread_; // last: it uses the others
};

LogWriter::LogWriter(LogLevel least, int descriptor) : least_(least), queue_(std::make_unique<Queue>(descriptor)) {}

LogWriter::~LogWriter() = default;

void LogWriter::write_before_abort() {
    queue_->write_before_abort();
}

std::string LogWriter::format(std::string_view event, LogFields fields) {
    std::string line = visible(event);
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        line += in_quotes(field.value);
    }
    return line;
}

void LogWriter::write(LogLevel level, std::string_view event, LogFields fields) {
    if (level < least_) return;
    queue_->add(line_of(level, format(event, fields)));
}

} // namespace tegami::app
