#include "relay/relay.h"

#include "async/turns.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

namespace {

/// How often the run looks for connections that have waited long enough.
constexpr std::chrono::seconds kHousekeeping(5);
/// Without anything under way only a clock that jumps needs another look.
constexpr std::chrono::seconds kLongestRest(600);

} // namespace

Relay::Relay(Dependencies dependencies, RelayOptions options, async::Executor executor)
    : dependencies_(dependencies), options_(std::move(options)), executor_(executor),
      tasks_(executor,
             [log = &dependencies.log](std::string_view task, std::string_view reason) {
                 log->error("a delivery broke off", {{"task", task}, {"reason", reason}});
             }),
      under_way_(executor), destinations_(options_.smarthosts), sending_(dependencies_, options_, tasks_),
      reporting_(dependencies_, options_, destinations_, [this](const store::QueueDestination& name) {
          dependencies_.queue.look_again(name);
          make_ready(name);
      }) {}

Relay::~Relay() = default;

void Relay::wake() {
    under_way_.wake.set();
}

void Relay::forget_failures() {
    boost::asio::post(executor_, [this] { destinations_.forget_down(); });
    wake();
}

async::Awaitable<> Relay::run() {
    while (!stopping_) {
        under_way_.wake.reset();
        const std::size_t started = co_await start_due();
        const Instant now = dependencies_.timers.instant();
        if (now >= next_housekeeping_) {
            for (IdleConnection& old : destinations_.take_idle_since(now - kIdleTime))
                sending_.quit(std::move(old));
            next_housekeeping_ = now + kHousekeeping;
        }
        if (started == 0 && !stopping_) co_await wait_for_more();
    }
}

async::Awaitable<> Relay::stop() {
    stopping_ = true;
    under_way_.wake.set();
    const Instant until = dependencies_.timers.instant() + kStopTime;
    while (under_way_.bodies > 0 && dependencies_.timers.instant() < until) {
        under_way_.ended.reset();
        const std::unique_ptr<async::Timer> alarm = dependencies_.timers.make_timer(executor_);
        const async::Event ended = under_way_.ended;
        alarm->arm(until, [ended] { ended.set(); });
        co_await ended.wait();
    }
    tasks_.cancel();
    co_await tasks_.join();
    destinations_.clear();
    under_way_.wake.set();
}

bool Relay::is_under_way(const store::QueueItem& item) const {
    return destinations_.is_under_way(item);
}

/// Starts what is due and not under way, as far as there is room; returns how many.
async::Awaitable<std::size_t> Relay::start_due() {
    const Timestamp now = dependencies_.timers.now();
    const std::size_t known = remote_.ready.size() + local_.ready.size();
    if (known < kReadyMax) {
        auto found =
            co_await dependencies_.queue.due_destinations(now, kReadyMax - known, now + 2 * options_.retry.longest);
        if (!found) dependencies_.log.error("the queue cannot be read", {{"reason", found.error().detail}});
        if (found) {
            for (const store::QueueDestination& name : *found)
                make_ready(name);
        }
    }
    const std::size_t local = co_await start_lane(&local_);
    const std::size_t remote = co_await start_lane(&remote_);
    co_return local + remote;
}

/// Something may be due there: it has a turn.
void Relay::make_ready(const store::QueueDestination& name) {
    Destination& place = destinations_.at(name);
    if (std::exchange(place.ready, true)) return;
    Lane& lane = std::holds_alternative<store::AccountId>(name) ? local_ : remote_;
    lane.ready.push_back(name);
}

/// The destinations take turns, each with as many items as it has places, until none of them can or the slots are
/// taken. While slots are scarce, a destination has one item at a time.
async::Awaitable<std::size_t> Relay::start_lane(Lane* lane) {
    std::size_t started = 0;
    std::size_t passed = 0; // in a row: neither a place nor anything to do
    while (passed < lane->ready.size() && lane->active < lane->slots && !stopping_) {
        if (lane == &remote_ && !destinations_.has_way_out())
            break; // nothing to look for: a place that becomes free wakes us
        const store::QueueDestination name = lane->ready.front();
        lane->ready.pop_front();
        Destination& place = destinations_.at(name);
        const bool scarce = lane->active >= lane->slots * 3 / 4;
        if (place.free_places() == 0 || (scarce && place.active() > 0)) {
            lane->ready.push_back(name);
            ++passed;
            continue;
        }
        const std::size_t count_max = scarce ? 1 : std::min(place.free_places(), lane->slots - lane->active);
        const Timestamp now = dependencies_.timers.now();
        auto due = co_await dependencies_.queue.due_items(name, now, count_max, &place.under_way,
                                                          now + 2 * options_.retry.longest);
        if (stopping_) break; // `place` may be gone
        if (!due) {
            dependencies_.log.error("the queue cannot be read", {{"reason", due.error().detail}});
            lane->ready.push_back(name);
            break;
        }
        if (due->empty()) { // what comes due later, or was under way and is due again, the queue tells
            place.ready = false;
            continue;
        }
        lane->ready.push_back(name);
        std::size_t begun = 0;
        for (store::DueItem& item : *due) {
            const Hop hop = destinations_.hop_of(sender_of(dependencies_, item.message), place);
            // Those behind it here wait as well, as long as its smarthost has no room for another.
            if (hop.smarthost != nullptr && hop.destination->free_places() == 0) continue;
            const auto work = std::make_shared<Work>(under_way_, lane->active, place, hop, std::move(item));
            std::string task = fmt::format("queue entry {}", work->message.id.value);
            tasks_.spawn(std::move(task), work_on(work));
            ++begun;
        }
        started += begun;
        passed = begun == 0 ? passed + 1 : 0;
        co_await async::give_way();
    }
    co_return started;
}

async::Awaitable<> Relay::wait_for_more() {
    const Instant now = dependencies_.timers.instant();
    Instant until = now + (destinations_.busy() ? kHousekeeping : kLongestRest);
    const auto next = co_await dependencies_.queue.next_due(dependencies_.timers.now());
    if (next && *next) {
        const auto away = std::max<Duration>(**next - dependencies_.timers.now(), Duration(1000));
        until = std::min(until, now + away);
    }
    const std::unique_ptr<async::Timer> alarm = dependencies_.timers.make_timer(executor_);
    const async::Event wake = under_way_.wake;
    alarm->arm(until, [wake] { wake.set(); });
    co_await wake.wait();
}

} // namespace tegami::relay
