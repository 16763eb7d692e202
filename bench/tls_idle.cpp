// Memory of one idle TLS connection, both for this room alone: what the process holds for each accepted connection
// whose session waits for the client's next word. The clients live in a child process, so that only the server counts.
//
// Usage: tls_idle [connections]
#include "async/run.h"
#include "async/task_group.h"
#include "net/real_network.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace tegami;
using async::Awaitable;

std::size_t resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::strtoul(line.c_str() + 6, nullptr, 10);
    return 0;
}

/// A session as the services have them: a greeting, then waiting for commands.
Awaitable<> serve(std::unique_ptr<net::Stream> stream, std::shared_ptr<const net::TlsServerContext> context) {
    const net::IoResult<> shaken = co_await stream->start_tls(context);
    if (!shaken) co_return;
    const net::IoResult<> greeted = co_await stream->write_all("* OK ready\r\n");
    if (!greeted) co_return;
    for (;;) {
        const net::IoResult<> ready = co_await stream->wait_readable();
        if (!ready) co_return;
        std::string buffer(4096, '\0');
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) co_return;
    }
}

Awaitable<> accept_some(net::Listener* listener, async::TaskGroup* group,
                        std::shared_ptr<const net::TlsServerContext> context, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto stream = co_await listener->accept(group->executor());
        if (!stream) co_return;
        group->spawn("session", serve(std::move(*stream), context));
    }
}

Awaitable<> connect_some(net::Network* network, net::Endpoint server, std::size_t count,
                         std::vector<std::unique_ptr<net::Stream>>* streams) {
    net::TlsClientContextOptions options;
    options.verification = net::TlsVerification::opportunistic;
    const auto context = net::TlsClientContext::create(options).value();
    for (std::size_t i = 0; i < count; ++i) {
        auto stream = co_await network->connect(server, {});
        std::string buffer(100, '\0');
        net::TlsClientOptions wanted;
        wanted.host_name = "localhost";
        const auto shaken = co_await (*stream)->start_tls(context, wanted);
        if (!shaken) co_return;
        const auto size = co_await (*stream)->read_some(buffer.data(), buffer.size());
        if (!size) co_return;
        // A word that the server reads, so that its reading has been at work.
        const auto written = co_await (*stream)->write_all("a1 NOOP\r\n");
        if (!written) co_return;
        streams->push_back(std::move(*stream));
    }
}

/// The child: opens the connections, says that they stand, keeps them until it is killed.
[[noreturn]] void be_the_clients(const net::Endpoint& server, std::size_t count, int ready) {
    boost::asio::io_context context(1);
    async::RealTimers timers;
    net::RealNetwork network(&timers);
    std::vector<std::unique_ptr<net::Stream>> streams;
    async::run_on(context, connect_some(&network, server, count, &streams));
    const char done = streams.size() == count ? 'y' : 'n';
    if (::write(ready, &done, 1) != 1) std::abort();
    for (;;)
        ::pause();
}

Awaitable<> until_readable(int descriptor) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    async::RealTimers timers;
    for (;;) {
        char answer = 0;
        if (::read(descriptor, &answer, 1) == 1) {
            if (answer != 'y') std::abort();
            co_return;
        }
        co_await async::sleep(&timers, std::chrono::milliseconds(20));
    }
}

} // namespace

int main(int count_of_arguments, char** arguments) {
    const std::size_t count = count_of_arguments > 1 ? std::strtoul(arguments[1], nullptr, 10) : 1000;
    std::string folder = (std::filesystem::temp_directory_path() / "tegami-tls-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    const net::OwnCertificateOptions names{{"localhost"}, folder + "/c", folder + "/k", SystemClock().now()};
    net::create_own_certificate(names).value();
    const auto tls = net::TlsServerContext::create({names.certificate_chain_path, names.key_path, {}}).value();
    std::filesystem::remove_all(folder);

    boost::asio::io_context context(1);
    async::RealTimers timers;
    net::RealNetwork network(&timers);
    const auto listener = network.listen({IpAddress::v4({127, 0, 0, 1}), 0}, context.get_executor()).value();
    int ready[2];
    if (::pipe2(ready, O_NONBLOCK) != 0) return 1;
    const pid_t child = ::fork();
    if (child == 0) be_the_clients(listener->local_endpoint(), count, ready[1]);

    async::TaskGroup group(context.get_executor(), [](std::string_view task, std::string_view reason) {
        fmt::print(stderr, "{}: {}\n", task, reason);
    });
    const std::size_t before = resident_kib();
    const std::size_t heap_before = ::mallinfo2().uordblks;
    group.spawn("accept", accept_some(listener.get(), &group, tls, count));
    async::run_on(context, until_readable(ready[0]));
    async::run_on(context, async::sleep(&timers, std::chrono::milliseconds(200)));
    const double resident = static_cast<double>(resident_kib() - before) / static_cast<double>(count);
    const double heap = static_cast<double>(::mallinfo2().uordblks - heap_before) / 1024.0 / static_cast<double>(count);
    fmt::print("idle TLS connections: {}\nresident: {:.1f} KiB each\nheap in use: {:.1f} KiB each\n", count, resident,
               heap);
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
    group.cancel();
    async::run_on(context, group.join());
    return 0;
}
