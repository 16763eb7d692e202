#include "relay/relay.h"

#include "async/turns.h"
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

Relay::Relay(Dependencies dependencies, RelayOptions options, async::Executor executor)
    : dependencies_(dependencies), options_(std::move(options)),
      connection_dependencies_{.network = dependencies.network,
                               .store = dependencies.store,
                               .timers = dependencies.timers,
                               .tls = dependencies.tls,
                               .host_name = options_.host_name},
      sts_({.resolver = dependencies.resolver,
            .network = dependencies.network,
            .timers = dependencies.timers,
            .log = dependencies.log,
            .kept = store::KeptPolicies(&dependencies.store.engine()),
            .tls = dependencies.tls,
            .port = options_.policy_port}),
      executor_(executor), tasks_(executor,
                                  [log = &dependencies.log](std::string_view task, std::string_view reason) {
                                      log->error("a delivery broke off", {{"task", task}, {"reason", reason}});
                                  }),
      wake_(executor), ended_(executor) {
    for (std::size_t index = 0; index < options_.smarthosts.size(); ++index)
        smarthosts_.push_back(std::make_unique<Destination>());
}

Relay::~Relay() = default;

void Relay::wake() {
    wake_.set();
}

void Relay::forget_failures() {
    boost::asio::post(executor_, [this] {
        for (auto& [domain, place] : destinations_)
            place->forget_down();
        for (const auto& smarthost : smarthosts_)
            smarthost->forget_down();
    });
    wake();
}

async::Awaitable<> Relay::run() {
    while (!stopping_) {
        wake_.reset();
        const std::size_t started = co_await start_due();
        const Instant now = dependencies_.timers.instant();
        if (now >= next_housekeeping_) {
            co_await close_idle();
            next_housekeeping_ = now + kHousekeeping;
        }
        if (started == 0 && !stopping_) co_await wait_for_more();
    }
}

async::Awaitable<> Relay::stop() {
    stopping_ = true;
    wake_.set();
    const Instant until = dependencies_.timers.instant() + kStopTime;
    while (bodies_ > 0 && dependencies_.timers.instant() < until) {
        ended_.reset();
        const std::unique_ptr<async::Timer> alarm = dependencies_.timers.make_timer(executor_);
        const async::Event ended = ended_;
        alarm->arm(until, [ended] { ended.set(); });
        co_await ended.wait();
    }
    tasks_.cancel();
    co_await tasks_.join();
    destinations_.clear(); // closes the connections that wait for another message
    smarthosts_.clear();
    wake_.set();
}

bool Relay::is_under_way(const store::QueueItem& item) const {
    const auto found = destinations_.find(item.destination);
    return found != destinations_.end() && found->second->under_way.contains(item.id);
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
    Destination& place = destination(name);
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
        if (lane == &remote_ && !has_way_out()) break; // nothing to look for: a place that becomes free wakes us
        const store::QueueDestination name = lane->ready.front();
        lane->ready.pop_front();
        Destination& place = destination(name);
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
            const Hop hop = hop_of(item.message, place);
            // Those behind it here wait as well, as long as its smarthost has no room for another.
            if (hop.smarthost != nullptr && hop.destination->free_places() == 0) continue;
            const auto work = std::make_shared<Work>(*this, *lane, place, hop, std::move(item));
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
    const bool busy = std::ranges::any_of(destinations_, [](const auto& known) { return !known.second->unused(); }) ||
                      std::ranges::any_of(smarthosts_, [](const auto& known) { return !known->unused(); });
    Instant until = now + (busy ? kHousekeeping : kLongestRest);
    const auto next = co_await dependencies_.queue.next_due(dependencies_.timers.now());
    if (next && *next) {
        const auto away = std::max<Duration>(**next - dependencies_.timers.now(), Duration(1000));
        until = std::min(until, now + away);
    }
    const std::unique_ptr<async::Timer> alarm = dependencies_.timers.make_timer(executor_);
    const async::Event wake = wake_;
    alarm->arm(until, [wake] { wake.set(); });
    co_await wake.wait();
}

async::Awaitable<> Relay::close_idle() {
    const Instant limit = dependencies_.timers.instant() - kIdleTime;
    for (const auto& smarthost : smarthosts_)
        for (IdleConnection& old : smarthost->take_idle_since(limit))
            tasks_.spawn("closing an idle connection", quit_idle(std::move(old)));
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

/// False if all mail goes through smarthosts, and none of them has a place for more.
bool Relay::has_way_out() const {
    const auto takes_all = [](const Smarthost& each) { return each.domains.empty(); };
    return std::ranges::none_of(options_.smarthosts, takes_all) ||
           std::ranges::any_of(smarthosts_, [](const auto& each) { return each->free_places() > 0; });
}

/// As the next server gets it.
std::optional<message::EmailAddress> Relay::sender_of(const store::QueueMessage& message) const {
    if (!message.passed_on || !message.reverse_path) return message.reverse_path;
    const auto rewritten = dependencies_.return_paths.rewrite(*message.reverse_path, dependencies_.timers.now());
    return rewritten ? rewritten : message.reverse_path;
}

Relay::Hop Relay::hop_of(const store::QueueMessage& message, Destination& place) {
    if (options_.smarthosts.empty()) return {.destination = &place};
    const auto index = smarthost_for(options_.smarthosts, sender_of(message));
    if (!index) return {.destination = &place};
    return {.destination = smarthosts_[*index].get(), .smarthost = &options_.smarthosts[*index]};
}

Destination& Relay::destination(const store::QueueDestination& name) {
    std::unique_ptr<Destination>& place = destinations_[name];
    if (!place) place = std::make_unique<Destination>();
    return *place;
}

void Relay::record(const store::QueueMessage& message, std::string kind, std::vector<store::JourneyField> fields) {
    dependencies_.journeys.record({.journey = message.journey,
                                   .time = {},
                                   .kind = std::move(kind),
                                   .fields = std::move(fields),
                                   .message_id = {},
                                   .addresses = {}});
}

} // namespace tegami::relay
