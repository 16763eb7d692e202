// Beats for a service manager come as long as every part answers, and no longer.
#include "app/server/heartbeat.h"

#include "async/task_group.h"
#include "async/virtual_time.h"

#include <gmock/gmock.h>

#include <chrono>
#include <vector>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

class NotingWarnings final : public Log {
public:
    void write(LogLevel, std::string_view, LogFields fields) override {
        for (const LogField& field : fields)
            parts.push_back(field.value);
    }

    std::vector<std::string> parts;
};

TEST(HeartbeatTest, StopsWhenOnePartHangsAndGoesOnWhenItAnswers) {
    async::VirtualTime time(1);
    NotingWarnings log;
    int beats = 0;
    bool hangs = false;
    std::vector<Heartbeat::Answer> held;
    Heartbeat heartbeat(
        {{.name = "sound", .ask = [](const Heartbeat::Answer& answer) { answer(); }},
         {.name = "committer",
          .ask =
              [&](Heartbeat::Answer answer) {
                  if (hangs)
                      held.push_back(std::move(answer));
                  else
                      answer();
              }}},
        [&] { ++beats; }, time, log);
    async::TaskGroup tasks(time.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    tasks.spawn("heartbeat", heartbeat.run(10s));
    const auto beats_in = [&](Duration span) {
        const int before = beats;
        time.run(async::sleep(&time, span));
        return beats - before;
    };
    EXPECT_EQ(beats_in(1min + 5s), 7) << "one at once, then one in each interval";
    hangs = true;
    EXPECT_EQ(beats_in(10min), 1) << "what had been asked was answered; then the committer hangs";
    EXPECT_EQ(held.size(), 1U) << "what does not answer is not asked again";
    EXPECT_THAT(log.parts, ElementsAre("committer"));
    hangs = false;
    held.front()();
    EXPECT_EQ(beats_in(1min), 6);
    tasks.cancel();
    time.run(tasks.join());
}

} // namespace
} // namespace tegami::app
