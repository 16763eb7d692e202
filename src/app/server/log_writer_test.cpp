#include "app/server/log_writer.h"

#include "base/assert.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <sstream>
#include <thread>

namespace tegami::app {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LogWriterTest : public ::testing::Test {
protected:
    LogWriterTest() {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
        log_.emplace(LogOptions{}, ends_[1]);
    }

    ~LogWriterTest() override { ::close(ends_[0]); }

    /// Ends the log and returns its lines.
    std::vector<std::string> lines() {
        std::thread end([this] {
            log_.reset();
            ::close(ends_[1]);
        });
        std::string text;
        std::array<char, 4096> some{};
        for (ssize_t got = 0; (got = ::read(ends_[0], some.data(), some.size())) > 0;)
            text.append(some.data(), static_cast<std::size_t>(got));
        end.join();
        std::vector<std::string> all;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);)
            all.push_back(line);
        return all;
    }

    std::array<int, 2> ends_{};
    std::optional<LogWriter> log_;
};

TEST_F(LogWriterTest, WritesTimeLevelEventAndFields) {
    log_->write(LogLevel::debug, "left out", LogFields());
    log_->warning("an event", {{"plain", "x"}, {"quoted", "a \"b\"\n"}, {"number", 7}});
    const std::vector<std::string> all = lines();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all[0], MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}[+-][0-9]{2}:"
                                     "[0-9]{2} warning an event plain=x quoted=\"a \\\\\"b.*\" number=7"));
}

// A stalled reader of the log stalls nobody: the pipe takes 64 KiB, everything else waits or is counted.
TEST_F(LogWriterTest, NeverWaitsForItsReader) {
    constexpr std::uint64_t kLines = 50'000;
    for (std::uint64_t line = 0; line < kLines; ++line)
        log_->info("a line of some length", {{"number", line}});
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
    std::uint64_t next = 0;
    for (const std::string& line : lines()) {
        if (const auto at = line.find("count="); at != std::string::npos) {
            left_out += std::stoull(line.substr(at + 6));
            continue;
        }
        const std::uint64_t number = std::stoull(line.substr(line.find("number=") + 7));
        EXPECT_GE(number, next) << "in order";
        next = number + 1;
        ++written;
    }
    EXPECT_GT(left_out, 0U);
    EXPECT_EQ(written + left_out, kLines) << "nothing is lost without being counted";
}

TEST_F(LogWriterTest, EndsThoughNobodyReads) {
    for (int line = 0; line < 5000; ++line)
        log_->info("a line of some length", {{"number", static_cast<std::uint64_t>(line)}});
    log_.reset();
    ::close(ends_[1]);
}

TEST(LogWriterDeathTest, AnAbortWaitsForTheLog) {
    EXPECT_DEATH(
        {
            LogWriter log;
            log.write_before_abort();
            for (int line = 0; line < 100; ++line)
                log.info("before the end", {{"number", static_cast<std::uint64_t>(line)}});
            ASSERT(LogOptions{}.least == LogLevel::debug);
        },
        "number=99");
}

} // namespace
} // namespace tegami::app
