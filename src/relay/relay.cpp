#include "relay/relay.h"

#include "base/ascii.h"
#include "relay/work.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

namespace {

/// How often the run looks for connections that have waited long enough.
constexpr std::chrono::seconds kHousekeeping(5);
/// Without anything under way only a clock that jumps needs another look.
constexpr std::chrono::seconds kLongestRest(600);

} // namespace

Relay::Relay(RelayNeeds needs, RelayOptions options, async::Executor executor)
    : needs_(needs), options_(std::move(options)), connection_needs_{.network = needs.network,
                                                                     .store = needs.store,
                                                                     .timers = needs.timers,
                                                                     .tls = needs.tls,
                                                                     .host_name = options_.host_name},
      executor_(executor), tasks_(executor,
                                  [log = &needs.log](std::string_view task, std::string_view reason) {
                                      log->error("a delivery broke off", {{"task", task}, {"reason", reason}});
                                  }),
      wake_(executor) {}

Relay::~Relay() = default;

void Relay::wake() {
    wake_.set();
}

void Relay::forget_failures() {
    boost::asio::post(executor_, [this] {
        for (auto& [domain, place] : destinations_)
            place->forget_down();
    });
    wake();
}

async::Awaitable<> Relay::run() {
    while (!stopping_) {
        wake_.reset();
        const std::size_t started = co_await start_due();
        co_await close_idle();
        if (started == 0 && !stopping_) co_await wait_for_more();
    }
}

async::Awaitable<> Relay::stop() {
    stopping_ = true;
    tasks_.cancel();
    co_await tasks_.join();
    destinations_.clear(); // closes the connections that wait for another message
    wake_.set();
}

/// Starts what is due and not under way; returns how many.
async::Awaitable<std::size_t> Relay::start_due() {
    if (under_way_.size() >= kEntriesAtOnce) co_return 0U;
    const Timestamp now = needs_.timers.now();
    auto due = co_await needs_.queue.due(now, kEntriesAtOnce, under_way_, now + 2 * options_.retry.longest);
    if (!due) {
        needs_.log.error("the queue cannot be read", {{"reason", due.error().detail}});
        co_return 0U;
    }
    std::size_t started = 0;
    for (store::QueueEntry& entry : *due) {
        if (under_way_.size() >= kEntriesAtOnce) break;
        under_way_.insert(entry.id);
        ++started;
        std::string name = fmt::format("queue entry {}", entry.id.value);
        tasks_.spawn(std::move(name), work_on(std::move(entry)));
    }
    co_return started;
}

async::Awaitable<> Relay::wait_for_more() {
    const Instant now = needs_.timers.instant();
    const bool busy = !under_way_.empty() ||
                      std::ranges::any_of(destinations_, [](const auto& known) { return !known.second->unused(); });
    Instant until = now + (busy ? kHousekeeping : kLongestRest);
    const auto next = co_await needs_.queue.next_due();
    if (next && *next && under_way_.empty()) {
        const auto away = std::max<Duration>(**next - needs_.timers.now(), Duration(1000));
        until = std::min(until, now + away);
    }
    const std::unique_ptr<async::Timer> alarm = needs_.timers.make_timer(executor_);
    const async::Event wake = wake_;
    alarm->arm(until, [wake] { wake.set(); });
    co_await wake.wait();
}

async::Awaitable<> Relay::close_idle() {
    const Instant limit = needs_.timers.instant() - kIdleTime;
    for (auto place = destinations_.begin(); place != destinations_.end();) {
        for (IdleConnection& old : place->second->take_idle_since(limit))
            tasks_.spawn("closing an idle connection", quit_idle(std::move(old)));
        const bool forget = place->second->unused() && destinations_.size() > kDestinationsMax;
        place = forget ? destinations_.erase(place) : std::next(place);
    }
    co_return;
}

async::Awaitable<> Relay::quit_idle(IdleConnection idle) {
    co_await idle.connection->quit();
}

Destination& Relay::destination(const std::string& domain) {
    std::unique_ptr<Destination>& place = destinations_[domain];
    if (!place) place = std::make_unique<Destination>(executor_);
    return *place;
}

void Relay::record(const Work& work, std::string kind, std::vector<store::JourneyField> fields) {
    needs_.journeys.record({.journey = work.entry.journey,
                            .time = {},
                            .kind = std::move(kind),
                            .fields = std::move(fields),
                            .message_id = {},
                            .addresses = {}});
}

} // namespace tegami::relay
