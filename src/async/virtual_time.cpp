#include "async/virtual_time.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <stdexcept>

namespace tegami::async {

namespace {

/// Where a simulation begins: any moment that is surely not the present.
constexpr Timestamp kEpoch = std::chrono::sys_days(std::chrono::year(2001) / 1 / 1);
constexpr Instant kStart{std::chrono::hours(1)};

} // namespace

class VirtualTime::VirtualTimer final : public Timer {
public:
    explicit VirtualTimer(VirtualTime* time) : time_(time) {}

    ~VirtualTimer() override { disarm(); }

    void arm(Instant due, std::function<void()> then) override {
        disarm();
        key_ = time_->add(due, [this, then = std::move(then)] {
            // The alarm may destroy the timer, but not this function: step() holds it.
            key_.reset();
            then();
        });
    }

    void disarm() override {
        if (key_) time_->remove(*key_);
        key_.reset();
    }

private:
    VirtualTime* const time_;
    std::optional<AlarmKey> key_;
};

VirtualTime::VirtualTime(std::uint64_t seed) : random_(seed), instant_(kStart) {}

VirtualTime::~VirtualTime() {
    alarms_.clear();
}

Timestamp VirtualTime::now() const {
    return kEpoch + (instant_ - kStart);
}

std::unique_ptr<Timer> VirtualTime::make_timer(Executor) {
    return std::make_unique<VirtualTimer>(this);
}

VirtualTime::AlarmKey VirtualTime::add(Instant due, std::function<void()> ring) {
    const AlarmKey key{due, random_.number(), alarms_made_++};
    alarms_.emplace(key, std::move(ring));
    return key;
}

void VirtualTime::remove(const AlarmKey& key) {
    alarms_.erase(key);
}

bool VirtualTime::step(Instant limit) {
    context_.restart();
    const std::size_t handlers = context_.poll();
    handlers_run_ += handlers;
    if (handlers != 0) return true;
    if (alarms_.empty() || alarms_.begin()->first.due > limit) return false;
    instant_ = std::max(instant_, alarms_.begin()->first.due);
    const auto alarm = alarms_.extract(alarms_.begin());
    alarm.mapped()();
    return true;
}

void VirtualTime::run() {
    while (step(Instant::max())) {
    }
}

void VirtualTime::run_for(Duration duration) {
    const Instant end = instant_ + duration;
    while (step(end)) {
    }
    instant_ = end;
}

void VirtualTime::throw_stuck() {
    throw std::logic_error("the coroutine waits for something that cannot happen");
}

void detail::start(boost::asio::io_context& context, Awaitable<> work, std::shared_ptr<Ending> ending) {
    boost::asio::co_spawn(context, std::move(work), [ending = std::move(ending)](std::exception_ptr error) {
        ending->error = error;
        ending->done = true;
    });
}

} // namespace tegami::async
