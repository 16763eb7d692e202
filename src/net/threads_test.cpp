// Connections that are accepted on one thread and live on another, as the server has them.
#include "async/context_pool.h"
#include "net/test_support.h"

#include <atomic>

namespace tegami::net::testing {
namespace {

constexpr int kConnections = 40;

Awaitable<> echo(std::unique_ptr<Stream> stream, std::shared_ptr<const TlsServerContext> context) {
    const auto shaken = co_await stream->start_tls(std::move(context));
    if (!shaken) co_return;
    std::string buffer(1000, '\0');
    for (;;) {
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) break;
        const auto written = co_await stream->write_all(buffer.substr(0, *size));
        if (!written) break;
    }
    co_await stream->finish();
}

Awaitable<> accept_in_turn(Listener* listener, std::vector<async::TaskGroup*> groups, const TlsMaterial* material) {
    for (std::size_t turn = 0;; ++turn) {
        async::TaskGroup* const group = groups[turn % groups.size()];
        auto stream = co_await listener->accept(group->executor());
        if (!stream) co_return;
        group->spawn("echo", echo(std::move(*stream), material->server));
    }
}

Awaitable<> talk(RealNetwork* network, async::Timers* timers, Endpoint server, const TlsMaterial* material,
                 std::atomic<int>* good) {
    auto connected = co_await network->connect(server, {.deadline = timers->instant() + std::chrono::seconds(60)});
    if (!connected) co_return;
    const std::unique_ptr<Stream> stream = std::move(*connected);
    stream->set_deadline(timers->instant() + std::chrono::seconds(60));
    const auto shaken = co_await stream->start_tls(material->opportunistic, TlsClientOptions());
    if (!shaken) co_return;
    std::string buffer(1000, '\0');
    for (int i = 0; i < 10; ++i) {
        const auto written = co_await stream->write_all("a line\r\n");
        if (!written) co_return;
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) co_return;
    }
    co_await stream->finish();
    ++*good;
}

Awaitable<> close_listener(Listener* listener) {
    listener->close();
    co_return;
}

TEST(Threads, AConnectionMayLiveElsewhereThanItsListener) {
    boost::asio::io_context here(1);
    const TlsMaterial material;
    async::RealTimers timers;
    RealNetwork network(&timers);
    std::atomic<int> good = 0;
    const auto report = [](std::string_view, std::string_view reason) { FAIL() << reason; };
    async::ContextPool contexts(3, [](std::string_view reason) { FAIL() << reason; });
    async::TaskGroup first(contexts.executor(0), report);
    async::TaskGroup second(contexts.executor(1), report);
    async::TaskGroup third(contexts.executor(2), report);
    const auto listener = network.listen({IpAddress::v4({127, 0, 0, 1}), 0}, contexts.executor(0)).value();
    first.spawn("accept", accept_in_turn(listener.get(), {&first, &second}, &material));
    for (int i = 0; i < kConnections; ++i) {
        async::TaskGroup& group = i % 2 == 0 ? third : second;
        group.spawn("talk", talk(&network, &timers, listener->local_endpoint(), &material, &good));
    }
    async::run_on(here, third.join());
    async::run_on(here, second.join());
    first.spawn("close", close_listener(listener.get()));
    async::run_on(here, first.join());
    EXPECT_EQ(good, kConnections);
}

} // namespace
} // namespace tegami::net::testing
