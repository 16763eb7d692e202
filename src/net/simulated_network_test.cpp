#include "net/test_support.h"

#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Everything one conversation of many lines did, with the time of each step.
struct Diary {
    async::Timers* timers;
    std::string text;

    void note(std::string_view what) {
        text += std::to_string(timers->instant().time_since_epoch().count()) + " " + std::string(what) + "\n";
    }
};

Awaitable<> answer_lines(std::unique_ptr<Stream> stream, Diary* diary) {
    std::string buffer(1000, '\0');
    stream->set_deadline(diary->timers->instant() + seconds(100));
    for (;;) {
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) {
            diary->note("server " + std::string(describe(size.error())));
            co_return;
        }
        diary->note("server read " + std::to_string(*size));
        const auto written = co_await stream->write_all(buffer.substr(0, *size));
        if (!written) diary->note("server cannot write");
    }
}

Awaitable<> accept_all(Listener* listener, async::TaskGroup* group, Diary* diary) {
    for (;;) {
        auto stream = co_await listener->accept(group->executor());
        if (!stream) co_return;
        group->spawn("answer", answer_lines(std::move(*stream), diary));
    }
}

Awaitable<> say_lines(SimulatedWorld* world, Endpoint server, int lines, Diary* diary) {
    auto connected = co_await world->client().connect(server, {.deadline = diary->timers->instant() + seconds(10)});
    if (!connected) {
        diary->note("client " + std::string(describe(connected.error())));
        co_return;
    }
    const std::unique_ptr<Stream> stream = std::move(*connected);
    std::string buffer(1000, '\0');
    for (int i = 0; i < lines; ++i) {
        stream->set_deadline(diary->timers->instant() + seconds(20));
        const auto written = co_await stream->write_all("a line of text\r\n");
        if (!written) {
            diary->note("client cannot write");
            co_return;
        }
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) {
            diary->note("client " + std::string(describe(size.error())));
            co_return;
        }
        diary->note("client read " + std::to_string(*size));
    }
    co_await stream->finish();
    diary->note("client done");
}

std::string converse(std::uint64_t seed, const SimulatedFaults& faults) {
    SimulatedWorld world(seed);
    world.network().set_faults(faults);
    Diary diary{&world.time(), ""};
    async::TaskGroup group(world.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    const std::unique_ptr<Listener> listener = world.listen();
    group.spawn("accept", accept_all(listener.get(), &group, &diary));
    for (int i = 0; i < 5; ++i)
        group.spawn("client", say_lines(&world, listener->local_endpoint(), 20, &diary));
    world.time().run();
    listener->close();
    world.run(group.join());
    return diary.text;
}

constexpr SimulatedFaults kRough{.connect_refused = 50'000,
                                 .connect_lost = 50'000,
                                 .segment_reset = 10'000,
                                 .segment_stuck = 10'000,
                                 .segment_late = 20'000};

TEST(SimulatedNetwork, OneSeedOneRun) {
    EXPECT_EQ(converse(7, kRough), converse(7, kRough));
    EXPECT_NE(converse(7, kRough), converse(8, kRough));
}

TEST(SimulatedNetwork, EveryFaultHappensAndEverybodyEnds) {
    std::string all;
    for (std::uint64_t seed = 0; seed < 50; ++seed)
        all += converse(seed, kRough);
    for (const IoError error : {IoError::refused, IoError::timed_out, IoError::reset, IoError::end_of_stream})
        EXPECT_THAT(all, ::testing::HasSubstr(std::string(describe(error))));
    EXPECT_THAT(all, ::testing::HasSubstr("client done"));
}

TEST(SimulatedNetwork, WithoutFaultsEverythingArrives) {
    const std::string all = converse(3, {});
    std::size_t done = 0;
    for (std::size_t at = all.find("client done"); at != std::string::npos; at = all.find("client done", at + 1))
        ++done;
    EXPECT_EQ(done, 5u);
}

struct Link {
    SimulatedWorld world;
    std::unique_ptr<Listener> listener = world.listen();
    std::unique_ptr<Stream> client;
    std::unique_ptr<Stream> server;
    const IpAddress here = SimulatedWorld::client_address();
    const IpAddress there = SimulatedWorld::server_address();

    Link() { world.run(connect()); }

    Awaitable<> connect() {
        auto made = co_await world.client().connect(listener->local_endpoint(), {});
        client = std::move(made).value();
        auto accepted = co_await listener->accept(world.executor());
        server = std::move(accepted).value();
    }

    static Awaitable<IoResult<std::size_t>> read(Stream* stream) {
        std::string buffer(100, '\0');
        co_return co_await stream->read_some(buffer.data(), buffer.size());
    }

    IoResult<std::size_t> read_within(Stream& stream, Duration patience) {
        stream.set_deadline(world.time().instant() + patience);
        return world.time().run(read(&stream));
    }

    IoResult<> write(Stream& stream, std::string octets) {
        stream.set_deadline(Instant::max());
        return world.time().run(stream.write_all(std::move(octets)));
    }
};

TEST(SimulatedNetwork, ACutLinkSaysNothing) {
    Link link;
    link.world.network().cut_one_way(link.here, link.there);
    EXPECT_TRUE(link.write(*link.client, "lost").has_value());
    EXPECT_EQ(link.read_within(*link.server, seconds(5)), failure(IoError::timed_out));
    EXPECT_TRUE(link.write(*link.server, "heard").has_value());
    EXPECT_EQ(link.read_within(*link.client, seconds(5)), 5u);
    // What is under way when the link is cut is lost too.
    EXPECT_TRUE(link.write(*link.server, "too late").has_value());
    link.world.network().cut(link.here, link.there);
    EXPECT_EQ(link.read_within(*link.client, seconds(5)), failure(IoError::timed_out));
}

TEST(SimulatedNetwork, AHealedLinkServesNewConnectionsAndBreaksThoseThatLost) {
    Link link;
    link.world.network().cut(link.here, link.there);
    const auto refused = link.world.time().run(link.world.client().connect(
        link.listener->local_endpoint(), {.deadline = link.world.time().instant() + seconds(5)}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error(), IoError::timed_out);
    EXPECT_TRUE(link.write(*link.client, "lost").has_value());
    link.world.network().heal(link.here, link.there);
    EXPECT_EQ(link.write(*link.client, "more"), IoResult<>(failure(IoError::reset)));
    EXPECT_EQ(link.read_within(*link.server, seconds(5)), failure(IoError::reset));
    link.world.run(link.connect());
    EXPECT_TRUE(link.write(*link.client, "new").has_value());
    EXPECT_EQ(link.read_within(*link.server, seconds(5)), 3u);
}

TEST(SimulatedNetwork, ACrashedHostIsFoundOutByWriting) {
    Link link;
    link.world.network().crash(link.there);
    EXPECT_EQ(link.read_within(*link.client, seconds(5)), failure(IoError::timed_out));
    EXPECT_EQ(link.write(*link.client, "hello?"), IoResult<>(failure(IoError::reset)));
    const auto refused = link.world.time().run(link.world.client().connect(link.listener->local_endpoint(), {}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error(), IoError::refused);
}

TEST(SimulatedNetwork, APortIsListenedOnOnce) {
    SimulatedWorld world;
    const auto first = world.listen();
    Network& host = world.network().host(SimulatedWorld::server_address());
    EXPECT_FALSE(host.listen({IpAddress(), 25}, world.executor()).has_value());
    EXPECT_TRUE(host.listen({IpAddress(), 0}, world.executor()).has_value());
}

} // namespace
} // namespace tegami::net::testing
