#include "directory/check_queue.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace tegami::directory {

/// Leaves the line, or the turn that was just given, to others if the one who waits is cancelled.
class CheckQueue::Waiting {
public:
    Waiting(CheckQueue* queue, WaiterPtr waiter) : queue_(queue), waiter_(std::move(waiter)) {}

    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    ~Waiting() {
        if (!over_) queue_->abandon(waiter_);
    }

    void end() { over_ = true; }

private:
    CheckQueue* const queue_;
    const WaiterPtr waiter_;
    bool over_ = false;
};

async::Awaitable<std::optional<CheckQueue::Turn>> CheckQueue::enter(std::string network, std::string login,
                                                                    bool known) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor, std::move(network), std::move(login));
    {
        const std::lock_guard lock(guard_);
        if (running_ < options_.running_max) {
            ++running_;
            co_return Turn(this);
        }
        if (!join(lines_.at(known ? 0 : 1), waiter)) co_return std::nullopt;
    }
    Waiting waiting(this, waiter);
    co_await waiter->decided.wait();
    waiting.end();
    // Decided before the event was set, and not changed afterwards.
    if (waiter->state == Waiter::State::turned_away) co_return std::nullopt;
    co_return Turn(this);
}

bool CheckQueue::join(Line& line, const WaiterPtr& waiter) {
    std::size_t with_login = 0;
    std::size_t waiting = 0;
    for (const Network& network : line) {
        waiting += network.waiters.size();
        with_login += static_cast<std::size_t>(std::ranges::count(network.waiters, waiter->login, &Waiter::login));
    }
    if (with_login >= options_.waiting_per_login_max) return false;
    auto own = std::ranges::find(line, waiter->network, &Network::name);
    const std::size_t own_count = own == line.end() ? 0 : own->waiters.size();
    if (waiting >= options_.waiting_max && !make_room(line, own_count)) return false;
    if (own == line.end()) own = line.insert(line.end(), Network{.name = waiter->network, .waiters = {}});
    own->waiters.push_back(waiter);
    return true;
}

/// Turns away the newest of the network that has most, if that one has more than a newcomer's would have then.
bool CheckQueue::make_room(Line& line, std::size_t own) {
    const auto longest =
        std::ranges::max_element(line, {}, [](const Network& network) { return network.waiters.size(); });
    if (longest == line.end() || longest->waiters.size() <= own + 1) return false;
    const WaiterPtr last = longest->waiters.back();
    longest->waiters.pop_back();
    last->state = Waiter::State::turned_away;
    last->decided.set();
    return true;
}

CheckQueue::WaiterPtr CheckQueue::take_next(Line& line) {
    if (line.empty()) return nullptr;
    const WaiterPtr next = line.front().waiters.front();
    line.front().waiters.pop_front();
    if (line.front().waiters.empty()) {
        line.pop_front();
    } else {
        line.splice(line.end(), line, line.begin());
    }
    return next;
}

void CheckQueue::leave() {
    const std::lock_guard lock(guard_);
    --running_;
    for (Line& line : lines_) {
        const WaiterPtr next = take_next(line);
        if (!next) continue;
        ++running_;
        next->state = Waiter::State::admitted;
        next->decided.set();
        return;
    }
}

void CheckQueue::abandon(const WaiterPtr& waiter) {
    {
        const std::lock_guard lock(guard_);
        for (Line& line : lines_)
            for (auto network = line.begin(); network != line.end(); ++network)
                if (std::erase(network->waiters, waiter) != 0) {
                    if (network->waiters.empty()) line.erase(network);
                    return;
                }
        if (waiter->state != Waiter::State::admitted) return;
    }
    leave();
}

} // namespace tegami::directory
