#include "app/server/log_writer.h"

#include "app/server/log_line.h"
#include "base/counter.h"

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

/// Limit: how often, at the end, the other end may take nothing for kLookMilliseconds before the rest is given up.
constexpr int kLooksAtTheEnd = 10;
constexpr int kLookMilliseconds = 100;
/// How long lines may wait for others: to wake a thread for each of them costs more than the lines.
constexpr std::chrono::milliseconds kGatherTime(2);
/// So many octets wait no longer.
constexpr std::size_t kGatherBytes = 64 << 10;

} // namespace

/// The lines that wait, and the thread that writes them.
class LogWriter::Queue {
public:
    Queue(LogFormat format, int descriptor) : format_(format), descriptor_(descriptor), thread_([this] { run(); }) {}

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
        hurry_.notify_one();
        thread_.join();
    }

    void add(std::string_view line) {
        bool is_first = false;
        bool is_much = false;
        {
            const std::lock_guard lock(guard_);
            if (waiting_.size() + line.size() > kLogBytesWaitingMax) {
                ++left_out_;
                all_left_out_.add();
                return;
            }
            is_first = waiting_.empty();
            is_much = waiting_.size() < kGatherBytes && waiting_.size() + line.size() >= kGatherBytes;
            waiting_ += line;
            unwritten_ = true;
        }
        if (is_first) arrived_.notify_one();
        if (is_much) hurry_.notify_one();
    }

    std::uint64_t lines_left_out() const { return all_left_out_.value(); }

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
            hurry_.wait_for(lock, kGatherTime, [this] { return stopping_ || waiting_.size() >= kGatherBytes; });
            std::string text = std::exchange(waiting_, {});
            if (const std::uint64_t count = std::exchange(left_out_, 0); count != 0)
                text += log_line(format_, std::chrono::system_clock::now(), LogLevel::warning,
                                 "lines of this log were left out: it is not read fast enough",
                                 std::array{LogField("count", count)});
            lock.unlock();
            write_all(text);
            lock.lock();
            unwritten_ = !waiting_.empty();
        }
    }

    static inline std::atomic<const Queue*> before_abort_ = nullptr;

    const LogFormat format_;
    const int descriptor_;
    std::mutex guard_;
    std::condition_variable arrived_; ///< a line, where there was none
    std::condition_variable hurry_;   ///< enough of them
    std::string waiting_;
    std::uint64_t left_out_ = 0; ///< and not told yet
    Counter all_left_out_;
    std::atomic<bool> stopping_ = false; // set under guard_
    std::atomic<bool> unwritten_ = false;
    std::thread thread_; // last: it uses the others
};

LogWriter::LogWriter(LogOptions options, int descriptor, admin::LogFeed* feed)
    : options_(options), feed_(feed), queue_(std::make_unique<Queue>(options.format, descriptor)) {}

LogWriter::~LogWriter() = default;

std::uint64_t LogWriter::lines_left_out() const {
    return queue_->lines_left_out();
}

void LogWriter::write_before_abort() {
    queue_->write_before_abort();
}

void LogWriter::write(LogLevel level, std::string_view event, LogFields fields) {
    if (level < options_.least) return;
    const auto now = std::chrono::system_clock::now();
    queue_->add(log_line(options_.format, now, level, event, fields));
    if (feed_ != nullptr) feed_->add(std::chrono::floor<Timestamp::duration>(now), level, event, fields);
}

} // namespace tegami::app
