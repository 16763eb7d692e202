// HTTP/2 with programs that nobody here wrote: curl, nghttp, h2load, over TLS and real sockets.
#include "async/worker_pool.h"
#include "net/http_server_fixture.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

namespace tegami::net::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

async::Awaitable<> serve_one_of_many(std::unique_ptr<Stream> stream, http::Served* served,
                                     std::shared_ptr<const TlsServerContext> context) {
    const std::vector<std::string> spoken{"h2", "http/1.1"};
    const auto secured = co_await stream->start_tls(std::move(context), spoken);
    if (secured) co_await serve_http(std::move(stream), &served->dependencies, served->limits);
}

async::Awaitable<> serve_everybody(Listener* listener, http::Served* served, async::TaskGroup* group,
                                   std::shared_ptr<const TlsServerContext> context) {
    for (;;) {
        auto accepted = co_await listener->accept(served->world->executor());
        if (!accepted) co_return;
        group->spawn("connection", serve_one_of_many(std::move(accepted).value(), served, context));
    }
}

/// What a command of the shell prints.
std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
        output.append(buffer.data(), size);
    return output;
}

class Http2Clients : public ::testing::Test {
protected:
    Http2Clients() { served_.limits.body_bytes_max = 10'000'000; }

    /// What the command prints, in which URL stands for the server.
    std::string run(std::string command) {
        std::string output;
        world_.run(run(&command, &output));
        return output;
    }

    std::string curl(std::string_view options) {
        return run("curl -sS --max-time 60 --cacert " + tls_.folder.file("certificate.pem") + " " +
                   std::string(options));
    }

    TemporaryFolder folder_;
    RealWorld world_;
    http::Served served_{&world_};

private:
    Awaitable<> run(std::string* command, std::string* output) {
        const std::unique_ptr<Listener> listener = world_.listen();
        async::TaskGroup group(world_.executor(),
                               [](std::string_view, std::string_view reason) { ADD_FAILURE() << reason; });
        group.spawn("server", serve_everybody(listener.get(), &served_, &group, tls_.server));
        const std::string url = "https://127.0.0.1:" + std::to_string(listener->local_endpoint().port);
        for (std::size_t at = command->find("URL"); at != std::string::npos; at = command->find("URL", at))
            command->replace(at, 3, url);
        const auto work = [command] { return output_of(*command); };
        *output = co_await async::run(&pool_, work);
        listener->close();
        group.cancel();
        co_await group.join();
    }

    TlsMaterial tls_;
    async::ThreadPool pool_{1};
};

TEST_F(Http2Clients, CurlSendsAndFetches) {
    EXPECT_EQ(curl("--http2 -w ' %{http_version} %{http_code}' -d hello 'URL/echo?x=1'"), "POST hello 2 200");
    EXPECT_EQ(curl("--http1.1 -w ' %{http_version} %{http_code}' -d hello 'URL/echo?x=1'"), "POST hello 1.1 200");
    EXPECT_EQ(curl("--http2 -o /dev/null -w '%{http_version} %{size_download}' URL/stream/medium"), "2 1000000");
    const std::string body = folder_.file("body");
    std::ofstream(body) << std::string(3'000'000, 'x');
    EXPECT_EQ(curl("--http2 --data-binary @" + body + " URL/count"), "3000000 in pieces");
    EXPECT_EQ(curl("--http2 -w ' %{http_code}' URL/nowhere"), "not found\n 404");
}

TEST_F(Http2Clients, NghttpSeesAWellFormedSession) {
    const std::string seen = run("nghttp -v --no-verify-peer --timeout=30s URL/below/1 URL/stream/length");
    EXPECT_THAT(seen, HasSubstr("[SETTINGS_MAX_HEADER_LIST_SIZE(0x06):1000]"));
    EXPECT_THAT(seen, HasSubstr(") x-target: /below/1"));
    EXPECT_THAT(seen, HasSubstr("recv DATA frame <length=4, flags=0x01,"));
    EXPECT_THAT(seen, HasSubstr("error_code=NO_ERROR"));
    EXPECT_THAT(seen, Not(HasSubstr("RST_STREAM")));
}

TEST_F(Http2Clients, ManyRequestsOfManyConnectionsAreAnswered) {
    EXPECT_THAT(run("h2load -n 400 -c 4 -m 50 URL/below/1"), HasSubstr("400 succeeded, 0 failed, 0 errored"));
    EXPECT_THAT(run("h2load -n 8 -c 2 -m 4 URL/stream/medium"), HasSubstr("8 succeeded, 0 failed, 0 errored"));
}

} // namespace
} // namespace tegami::net::testing
