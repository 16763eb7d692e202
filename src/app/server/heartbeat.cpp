#include "app/server/heartbeat.h"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>

namespace tegami::app {

namespace {

/// So many intervals without an answer are worth a line of the log.
constexpr int kLateAfter = 2;

} // namespace

/// Shared with the questions that are under way.
struct Heartbeat::Answers {
    explicit Answers(std::size_t parts) : has(parts) {}

    std::deque<std::atomic<bool>> has;
};

Heartbeat::Heartbeat(std::vector<Part> parts, std::function<void()> beat, async::Timers& timers, Log& log)
    : parts_(std::move(parts)), beat_(std::move(beat)), timers_(timers), log_(log),
      answers_(std::make_shared<Answers>(parts_.size())) {}

void Heartbeat::ask() {
    for (std::size_t number = 0; number < parts_.size(); ++number) {
        answers_->has[number] = false;
        parts_[number].ask([answers = answers_, number] { answers->has[number] = true; });
    }
}

bool Heartbeat::all_answered() const {
    return std::ranges::all_of(answers_->has, [](const std::atomic<bool>& has) { return has.load(); });
}

async::Awaitable<> Heartbeat::run(Duration interval) {
    beat_();
    ask();
    for (int late = 0;;) {
        co_await async::sleep(&timers_, interval);
        if (all_answered()) {
            late = 0;
            beat_();
            ask();
            continue;
        }
        if (++late != kLateAfter) continue;
        for (std::size_t number = 0; number < parts_.size(); ++number)
            if (!answers_->has[number])
                log_.warning(
                    "a part of the server does not answer; if it goes on so, the service manager starts it anew",
                    {{"part", parts_[number].name}});
    }
}

std::vector<Heartbeat::Part> parts_that_may_hang(async::ContextPool& contexts, async::WorkerLanes lanes,
                                                 store::RocksEngine& engine) {
    using Answer = Heartbeat::Answer;
    std::vector<Heartbeat::Part> parts;
    for (std::size_t number = 0; number < contexts.size(); ++number) {
        const auto ask = [executor = contexts.executor(number)](Answer answer) {
            boost::asio::post(executor, std::move(answer));
        };
        parts.push_back({.name = fmt::format("I/O thread {}", number), .ask = ask});
    }
    for (const auto& [name, lane] :
         {std::pair{"reads", &lanes.reads}, {"hashes", &lanes.hashes}, {"parsing", &lanes.parsing}}) {
        const auto ask = [lane](Answer answer) { lane->submit(std::move(answer)); };
        parts.push_back({.name = fmt::format("worker lane for {}", name), .ask = ask});
    }
    parts.push_back(
        {.name = "committer", .ask = [&engine](Answer answer) { engine.ask_committer(std::move(answer)); }});
    return parts;
}

} // namespace tegami::app
