#include "app/server/supervisor.h"

#include "async/virtual_time.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <vector>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class NotingLog final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        std::string line(event.substr(0, event.find(' ', event.find(' ') + 1)));
        for (const LogField& field : fields)
            line += " " + field.value;
        lines.push_back(std::move(line));
    }

    std::vector<std::string> lines;
};

class SupervisorTest : public ::testing::Test {
protected:
    ~SupervisorTest() override {
        supervisor_.stop();
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    static async::Awaitable<> end_after(async::Timers* timers, Duration pause, bool by_exception) {
        co_await async::sleep(timers, pause);
        if (by_exception) throw std::runtime_error("injected");
    }

    async::VirtualTime time_{1};
    NotingLog log_;
    int failures_ = 0;
    Supervisor supervisor_{log_, time_, [this] { ++failures_; }};
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

TEST_F(SupervisorTest, AnEssentialTaskThatThrowsOrEndsIsAFailureOfTheServer) {
    supervisor_.run_essential(tasks_, "listener", end_after(&time_, 1min, true));
    supervisor_.run_essential(tasks_, "relay", end_after(&time_, 2min, false));
    time_.run_for(59s);
    EXPECT_EQ(failures_, 0);
    time_.run_for(2min);
    EXPECT_EQ(failures_, 1) << "told once";
    EXPECT_THAT(log_.lines, ElementsAre("a part listener injected", "a part relay it ended"));
}

TEST_F(SupervisorTest, OthersBeginAnew) {
    int beginnings = 0;
    supervisor_.run_again(tasks_, "sweep", [&] { return end_after(&time_, 1min, ++beginnings % 2 == 0); });
    time_.run_for(3min);
    EXPECT_EQ(beginnings, 3);
    EXPECT_EQ(failures_, 0);
    EXPECT_THAT(log_.lines, ElementsAre("a task sweep it ended", "a task sweep injected"));
}

TEST_F(SupervisorTest, OnceItStopsTasksMayEnd) {
    supervisor_.run_essential(tasks_, "listener", end_after(&time_, 1min, false));
    supervisor_.run_again(tasks_, "sweep", [this] { return end_after(&time_, 1min, true); });
    supervisor_.stop();
    time_.run_for(1h);
    EXPECT_EQ(tasks_.running(), 0U);
    EXPECT_EQ(failures_, 0);
    EXPECT_THAT(log_.lines, IsEmpty());
}

} // namespace
} // namespace tegami::app
