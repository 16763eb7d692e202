#include "net/simulated_network.h"

#include "async/event.h"
#include "base/assert.h"
#include "net/transport_stream.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

namespace tegami::net {

namespace {

constexpr std::size_t kBacklogMax = 128;
constexpr std::uint16_t kFirstFreePort = 32768;

/// How long a kernel goes on asking for a connection without an answer.
constexpr Duration kConnectPatience = std::chrono::seconds(127);

class Pipe;
class SimulatedListener;

} // namespace

struct SimulatedNetwork::World {
    class Host;

    explicit World(async::VirtualTime* clock) : time(clock) {}

    bool happens(std::uint32_t in_a_million) {
        return in_a_million != 0 && time->random().below(1'000'000) < in_a_million;
    }

    Duration latency() {
        const auto range = static_cast<std::uint64_t>((faults.latency_max - faults.latency_min).count());
        return faults.latency_min + Duration(static_cast<Duration::rep>(time->random().below(range + 1)));
    }

    bool is_cut(const IpAddress& from, const IpAddress& to) const { return cuts.contains({from, to}); }

    async::VirtualTime* const time;
    SimulatedFaults faults;
    std::set<std::pair<IpAddress, IpAddress>> cuts;
    std::map<IpAddress, std::unique_ptr<Host>> hosts;
    std::map<Endpoint, SimulatedListener*> listeners;
    std::vector<std::weak_ptr<Pipe>> pipes;
    std::uint16_t next_port = kFirstFreePort;
};

namespace {

using World = SimulatedNetwork::World;

/// One direction of a connection.
class Pipe : public std::enable_shared_from_this<Pipe> {
public:
    Pipe(std::shared_ptr<World> world, const IpAddress& from, const IpAddress& to)
        : from(from), to(to), readable(world->time->executor()), writable(world->time->executor()),
          world_(std::move(world)), alarm_(world_->time->make_timer(world_->time->executor())) {}

    Attempt read(char* into, std::size_t bytes_max) {
        if (reset_) return failure(IoError::reset);
        if (arrived_.empty()) return ended_ ? Attempt(failure(IoError::end_of_stream)) : std::nullopt;
        const std::size_t size = std::min(bytes_max, arrived_.size());
        std::memcpy(into, arrived_.data(), size);
        arrived_.erase(0, size);
        held_ -= size;
        writable.set();
        // Waiting for octets must not sleep on those that a small buffer has left here.
        if (!arrived_.empty() || ended_) readable.set();
        return size;
    }

    Attempt write(const char* data, std::size_t bytes) {
        if (reset_ || reader_gone_) return failure(IoError::reset);
        if (bytes == 0) return std::size_t{0};
        const std::size_t size = std::min(bytes, SimulatedNetwork::kWindowBytes - held_);
        if (size == 0) return std::nullopt;
        held_ += size;
        send({std::string(data, size), false});
        return reset_ ? Attempt(failure(IoError::reset)) : size;
    }

    /// Whether a read would not have to wait.
    bool has_news() const { return reset_ || ended_ || !arrived_.empty(); }

    void end() { send({"", true}); }

    /// Both ends of this direction find it broken.
    void break_now() {
        reset_ = true;
        under_way_.clear();
        alarm_->disarm();
        readable.set();
        writable.set();
    }

    /// The reader's program closed it; the writer learns so when it writes.
    void reader_left() {
        reader_gone_ = true;
        writable.set();
    }

    /// The machine at one end lost power.
    void lose_host(const IpAddress& host) {
        if (host == from) stuck_ = true;
        if (host == to) reader_left();
    }

    const IpAddress from;
    const IpAddress to;
    const async::Event readable;
    const async::Event writable;
    std::weak_ptr<Pipe> reverse;

private:
    struct Segment {
        std::string octets;
        bool last = false;
        bool breaks = false; ///< the connection, after the octets have arrived
        Instant due{};
    };

    void send(Segment segment) {
        if (stuck_ || reset_) return;
        if (world_->is_cut(from, to)) {
            lost_ = true;
            return;
        }
        if (lost_) return break_both();
        const SimulatedFaults& faults = world_->faults;
        if (world_->happens(faults.segment_stuck)) {
            stuck_ = true;
            return;
        }
        if (world_->happens(faults.segment_reset)) {
            segment.breaks = true;
            segment.octets.resize(world_->time->random().below(segment.octets.size() + 1));
        }
        Duration delay = world_->latency();
        if (world_->happens(faults.segment_late)) delay += faults.lateness;
        last_due_ = std::max(last_due_, world_->time->instant() + delay);
        segment.due = last_due_;
        under_way_.push_back(std::move(segment));
        if (under_way_.size() == 1) watch_front();
    }

    void watch_front() {
        alarm_->arm(under_way_.front().due, [this] { on_arrival(); });
    }

    void on_arrival() {
        const std::shared_ptr<Pipe> alive = shared_from_this();
        Segment segment = std::move(under_way_.front());
        under_way_.pop_front();
        if (world_->is_cut(from, to)) {
            lost_ = true;
            under_way_.clear();
            return;
        }
        if (!reader_gone_) arrived_ += segment.octets;
        ended_ = ended_ || segment.last;
        if (segment.breaks) return break_both();
        if (!under_way_.empty()) watch_front();
        readable.set();
    }

    void break_both() {
        break_now();
        if (const auto other = reverse.lock()) other->break_now();
    }

    const std::shared_ptr<World> world_;
    const std::unique_ptr<async::Timer> alarm_;
    std::deque<Segment> under_way_;
    std::string arrived_;
    std::size_t held_ = 0; ///< written and not yet read: under way, arrived, or lost
    Instant last_due_{};
    bool ended_ = false;
    bool reset_ = false;
    bool stuck_ = false; ///< nothing written from now on arrives
    bool lost_ = false;  ///< something written did not arrive
    bool reader_gone_ = false;
};

class SimulatedTransport final : public Transport {
public:
    SimulatedTransport(std::shared_ptr<World> world, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out,
                       const Endpoint& local, const Endpoint& remote)
        : world_(std::move(world)), in_(std::move(in)), out_(std::move(out)), local_(local), remote_(remote) {}

    ~SimulatedTransport() override { SimulatedTransport::close(); }

    Attempt try_read(char* into, std::size_t bytes_max) override { return in_->read(into, bytes_max); }

    Attempt try_write(const char* data, std::size_t bytes) override { return out_->write(data, bytes); }

    async::Awaitable<> wait_readable() override { return wait_for_news(in_); }

    async::Awaitable<> wait_writable() override { return wait(out_, &out_->writable); }

    void wake() override {
        in_->readable.set();
        out_->writable.set();
    }

    void end_output() override {
        if (!std::exchange(output_ended_, true)) out_->end();
    }

    void close() override {
        end_output();
        in_->reader_left();
        wake();
    }

    Endpoint local_endpoint() const override { return local_; }

    Endpoint remote_endpoint() const override { return remote_; }

    async::Executor executor() const override { return world_->time->executor(); }

    std::string error_text() const override { return ""; }

private:
    /// What set the event before has been seen by the attempt that made the caller wait; nothing can happen in between.
    static async::Awaitable<> wait(std::shared_ptr<Pipe> pipe, const async::Event* event) {
        event->reset();
        co_await event->wait();
    }

    static async::Awaitable<> wait_for_news(std::shared_ptr<Pipe> pipe) {
        if (pipe->has_news()) co_return;
        co_await wait(pipe, &pipe->readable);
    }

    const std::shared_ptr<World> world_;
    const std::shared_ptr<Pipe> in_;
    const std::shared_ptr<Pipe> out_;
    const Endpoint local_;
    const Endpoint remote_;
    bool output_ended_ = false;
};

class SimulatedListener final : public Listener {
public:
    SimulatedListener(std::shared_ptr<World> world, const Endpoint& local)
        : world_(std::move(world)), local_(local), arrived_(world_->time->executor()) {
        world_->listeners.emplace(local_, this);
    }

    ~SimulatedListener() override { SimulatedListener::close(); }

    async::Awaitable<IoResult<std::unique_ptr<Stream>>> accept(async::Executor) override {
        while (!closed_ && waiting_.empty()) {
            arrived_.reset();
            co_await arrived_.wait();
        }
        if (closed_) co_return failure(IoError::cancelled);
        std::unique_ptr<Stream> stream = std::move(waiting_.front());
        waiting_.pop_front();
        co_return std::move(stream);
    }

    Endpoint local_endpoint() const override { return local_; }

    void close() override {
        if (closed_) return;
        closed_ = true;
        world_->listeners.erase(local_);
        waiting_.clear();
        arrived_.set();
    }

    bool is_full() const { return waiting_.size() >= kBacklogMax; }

    void deliver(std::unique_ptr<Stream> stream) {
        waiting_.push_back(std::move(stream));
        arrived_.set();
    }

private:
    const std::shared_ptr<World> world_;
    const Endpoint local_;
    const async::Event arrived_;
    std::deque<std::unique_ptr<Stream>> waiting_;
    bool closed_ = false;
};

SimulatedListener* find_listener(const World& world, const Endpoint& endpoint) {
    for (const IpAddress& address : {endpoint.address, endpoint.address.is_v4() ? IpAddress() : IpAddress::v6({})}) {
        const auto found = world.listeners.find({address, endpoint.port});
        if (found != world.listeners.end()) return found->second;
    }
    return nullptr;
}

} // namespace

class SimulatedNetwork::World::Host final : public Network {
public:
    Host(World* world, const IpAddress& address) : world_(world), address_(address) {}

    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect(Endpoint remote, ConnectOptions options) override;

    Result<std::unique_ptr<Listener>, std::string> listen(Endpoint local, async::Executor) override {
        if (local.address.is_unspecified()) local.address = address_;
        if (local.port == 0) local.port = world_->next_port++;
        if (world_->listeners.contains(local))
            return failure("cannot listen on " + local.to_string() + ": somebody else does");
        return std::make_unique<SimulatedListener>(shared(), local);
    }

    std::shared_ptr<World> shared() const { return owner.lock(); }

    std::weak_ptr<World> owner;

private:
    /// Waits one journey; nothing if what travels is lost, which the caller learns at its deadline.
    static async::Awaitable<bool> travel(std::shared_ptr<World> world, IpAddress from, IpAddress to, Instant deadline);

    World* const world_;
    const IpAddress address_;
};

async::Awaitable<bool> SimulatedNetwork::World::Host::travel(std::shared_ptr<World> world, IpAddress from, IpAddress to,
                                                             Instant deadline) {
    const Instant arrival = world->time->instant() + world->latency();
    const bool lost = world->is_cut(from, to);
    co_await async::sleep_until(world->time, lost ? deadline : std::min(arrival, deadline));
    co_return !lost && arrival <= deadline && !world->is_cut(from, to);
}

async::Awaitable<IoResult<std::unique_ptr<Stream>>> SimulatedNetwork::World::Host::connect(Endpoint remote,
                                                                                           ConnectOptions options) {
    const std::shared_ptr<World> world = shared();
    if (address_.is_v4() != remote.address.is_v4()) co_return failure(IoError::unreachable);
    options.deadline = std::min(options.deadline, world->time->instant() + kConnectPatience);
    const Endpoint local{address_, world->next_port++};
    const bool request_lost = world->happens(world->faults.connect_lost);
    const bool arrived = co_await travel(world, local.address, remote.address, options.deadline);
    if (request_lost || !arrived) {
        co_await async::sleep_until(world->time, options.deadline);
        co_return failure(IoError::timed_out);
    }
    SimulatedListener* const listener = find_listener(*world, remote);
    std::unique_ptr<Stream> ours;
    if (listener != nullptr && !listener->is_full() && !world->happens(world->faults.connect_refused)) {
        const auto there = std::make_shared<Pipe>(world, local.address, remote.address);
        const auto back = std::make_shared<Pipe>(world, remote.address, local.address);
        there->reverse = back;
        back->reverse = there;
        std::erase_if(world->pipes, [](const std::weak_ptr<Pipe>& pipe) { return pipe.expired(); });
        world->pipes.push_back(there);
        world->pipes.push_back(back);
        listener->deliver(std::make_unique<TransportStream>(
            std::make_unique<SimulatedTransport>(world, there, back, remote, local), world->time));
        ours = std::make_unique<TransportStream>(
            std::make_unique<SimulatedTransport>(world, back, there, local, remote), world->time);
    }
    const bool answered = co_await travel(world, remote.address, local.address, options.deadline);
    if (!answered) {
        co_await async::sleep_until(world->time, options.deadline);
        co_return failure(IoError::timed_out);
    }
    if (!ours) co_return failure(IoError::refused);
    co_return std::move(ours);
}

SimulatedNetwork::SimulatedNetwork(async::VirtualTime* time) : world_(std::make_shared<World>(time)) {}

SimulatedNetwork::~SimulatedNetwork() = default;

Network& SimulatedNetwork::host(const IpAddress& address) {
    std::unique_ptr<World::Host>& host = world_->hosts[address];
    if (!host) {
        host = std::make_unique<World::Host>(world_.get(), address);
        host->owner = world_;
    }
    return *host;
}

void SimulatedNetwork::set_faults(const SimulatedFaults& faults) {
    ASSERT(faults.latency_min <= faults.latency_max);
    world_->faults = faults;
}

void SimulatedNetwork::cut_one_way(const IpAddress& from, const IpAddress& to) {
    world_->cuts.insert({from, to});
}

void SimulatedNetwork::cut(const IpAddress& one, const IpAddress& other) {
    cut_one_way(one, other);
    cut_one_way(other, one);
}

void SimulatedNetwork::heal(const IpAddress& one, const IpAddress& other) {
    world_->cuts.erase({one, other});
    world_->cuts.erase({other, one});
}

void SimulatedNetwork::crash(const IpAddress& address) {
    std::vector<SimulatedListener*> gone;
    for (const auto& [endpoint, listener] : world_->listeners)
        if (endpoint.address == address) gone.push_back(listener);
    for (SimulatedListener* const listener : gone)
        listener->close();
    for (const std::weak_ptr<Pipe>& weak : world_->pipes)
        if (const auto pipe = weak.lock()) pipe->lose_host(address);
}

} // namespace tegami::net
